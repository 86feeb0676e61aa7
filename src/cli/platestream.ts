import { runCommandLine } from './command_line.js';
import { main } from './commands.js';

// Whoever read the output has gone (`| head`): stop as for a Ctrl-C.
process.stdout.on('error', () => process.kill(process.pid, 'SIGTERM'));
await runCommandLine(main, process.argv.slice(2));
