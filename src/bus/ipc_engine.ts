import type { EngineHears, EngineLink } from './link.js';
import type { ToControl, ToEngine } from './message.js';

/** An engine's end of the bus when it is control's child: the channel that Node.js keeps between them, in order and without loss. */
export function openIpcEngine(hears: EngineHears): EngineLink {
  const tell = (message: ToControl) => {
    // A channel that broke is said by 'disconnect'; without a callback the error would end the process before it has spooled.
    if (process.connected) process.send?.(message, () => {});
  };
  const receive = (message: ToEngine<unknown>) => {
    if (message.kind === 'answer') hears.onAnswer([message.number], message.answer);
    else if (message.kind === 'service') hears.onService(message.cameraId, message.inService);
  };
  process.on('message', receive);
  return {
    async report(number, report) {
      tell({ kind: 'report', number, report });
    },
    status: (status) => tell({ kind: 'status', status }),
    reachable: () => process.connected,
    async close() {
      process.off('message', receive);
    },
  };
}
