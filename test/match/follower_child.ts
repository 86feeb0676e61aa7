import { policyAlone } from '../../src/hot_lists/authority.js';
import { openHotLists } from '../../src/hot_lists/hot_lists.js';
import { hotListSettings } from '../../src/match/settings.js';
import { systemClock } from '../../src/observe/clock.js';
import { silentLog } from '../../src/observe/log.js';
import { packagePath } from '../../src/package_root.js';
import { loadPolicy } from '../../src/policy/policy_file.js';
import { mustBe, readOf } from './support.js';

/** Another control node, in a process of its own: says over IPC whether the plates it is asked for match, until it is let go. */
const [dataDir = '', url = '', prefix = '', followKeyFile = ''] = process.argv.slice(2);
const settings = hotListSettings.parse({ redis: { url, prefix }, followKeyFile });
const authority = policyAlone(mustBe(loadPolicy(packagePath('policies', '41-12.yaml'))));
const lists = mustBe(await openHotLists({ settings, dataDir, clock: systemClock, log: silentLog, authority }));
process.on('message', (plate: string) => {
  const { matches } = lists.matcher.match(readOf(plate, null));
  process.send?.({ plate, isMatched: matches.length > 0, problems: lists.problems() });
});
process.on('disconnect', () => void lists.stop());
