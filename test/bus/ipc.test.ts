import type { ToControl } from '../../src/bus/message.js';
import { testBus } from '../support/bus_contract.js';
import { suite } from '../support/suite.js';

/** Control's end as the supervisor has it: acknowledge what is durable, by the channel it came from. */
testBus(suite('bus between processes'), 'IPC', async () => ({
  redisUrl: null,
  openControl(onReport) {
    let open = true;
    // The channel gives reports in order; one waits for the other as the supervisor's per-camera order needs no more.
    let tail = Promise.resolve();
    return {
      attach(child) {
        child.on('message', (message: ToControl) => {
          if (message.kind !== 'report' || !open) return;
          tail = tail.then(async () => {
            const answer = await onReport(message.report);
            if (child.connected) child.send({ kind: 'answer', number: message.number, answer }, () => {});
          });
        });
      },
      async close() {
        open = false;
        await tail;
      },
    };
  },
}));
