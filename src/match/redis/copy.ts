import { fail, ok, type Result } from '../../data/result.js';
import type { RedisSettings } from '../settings.js';
import { type IsSigned, isWhole, openHead, type Sealed } from '../snapshot/file.js';
import { Snapshot } from '../snapshot/snapshot.js';
import { connectRedis, pieceBytes, type RedisClient, redisKeys } from './connection.js';

const bulkTimeoutMs = 20_000;
const platesPerCommand = 500;
const commandsPerRound = 20;

/** Puts a whole version into Redis, makes it the one in force as soon as it can be taken; older ones go. Slow, so it runs in a thread of its own. */
export async function putVersion(settings: RedisSettings, sealed: Sealed): Promise<Result<number, string>> {
  return withClient(settings, async (client) => {
    const keys = redisKeys(settings);
    const { version, bodyBytes } = sealed.header;
    await unlinkVersions(client, settings, (key) => keys.isOfVersion(key, version));
    for (let piece = 0; piece * pieceBytes < bodyBytes; piece++) {
      const bytes = Buffer.from(sealed.body, piece * pieceBytes, Math.min(pieceBytes, bodyBytes - piece * pieceBytes));
      await client.set(keys.body(version, piece), Buffer.from(bytes));
    }
    await client.set(keys.head(version), sealed.head);
    // Nodes that follow need no more than head and body; the plates are for comparing.
    await client.set(keys.current, String(version));
    await client.publish(keys.news, 'version');
    await putPlates(client, keys.plates(version), new Snapshot(sealed.header, sealed.body));
    await unlinkVersions(client, settings, (key) => !keys.isOfVersion(key, version));
    return ok(version);
  });
}

async function putPlates(client: RedisClient, key: string, snapshot: Snapshot): Promise<void> {
  let plates: string[] = [];
  let round: Promise<unknown>[] = [];
  for (const plate of snapshot.plates()) {
    plates.push(plate);
    if (plates.length < platesPerCommand) continue;
    round.push(client.sadd(key, ...plates));
    plates = [];
    if (round.length < commandsPerRound) continue;
    await Promise.all(round);
    round = [];
  }
  if (plates.length > 0) round.push(client.sadd(key, ...plates));
  await Promise.all(round);
}

/** Whatever type a key of ours may have been given by somebody else, it goes. */
async function unlinkVersions(
  client: RedisClient,
  settings: RedisSettings,
  isOver: (key: string) => boolean,
): Promise<void> {
  for await (const found of client.scanStream({ match: redisKeys(settings).allOfVersions, count: 1000 })) {
    const over = (found as string[]).filter(isOver);
    if (over.length > 0) await client.unlink(...over);
  }
}

/** Takes a version out of Redis. Nothing in it is believed that the key did not sign. */
export async function takeVersion(
  settings: RedisSettings,
  version: number,
  isSigned: IsSigned,
): Promise<Result<Sealed, string>> {
  return withClient(settings, async (client) => {
    const keys = redisKeys(settings);
    const head = await client.getBuffer(keys.head(version));
    if (head === null) return fail('the head of the new version is not there');
    const opened = openHead(head, isSigned);
    if (!opened.ok) return fail(`the list in Redis is refused: ${opened.error}`);
    const { header } = opened.value;
    if (header.version !== version) return fail('the list in Redis is refused: another version than announced');
    const body = new SharedArrayBuffer(header.bodyBytes);
    const view = new Uint8Array(body);
    for (let piece = 0; piece * pieceBytes < header.bodyBytes; piece++) {
      const bytes = await client.getBuffer(keys.body(version, piece));
      if (bytes === null || piece * pieceBytes + bytes.length > body.byteLength)
        return fail('the list in Redis is not whole');
      view.set(bytes, piece * pieceBytes);
    }
    if (!isWhole(header, body)) return fail('the list in Redis is refused: its bytes are not those that were signed');
    return ok({ header, body, head });
  });
}

async function withClient<Value>(
  settings: RedisSettings,
  work: (client: RedisClient) => Promise<Result<Value, string>>,
): Promise<Result<Value, string>> {
  const client = connectRedis(settings, bulkTimeoutMs);
  try {
    await new Promise<void>((resolve, reject) => {
      client.once('ready', resolve);
      client.once('close', () => reject(new Error('no connection')));
    });
    return await work(client);
  } catch (error) {
    return fail(`redis: ${(error as Error).message}`);
  } finally {
    client.disconnect();
  }
}
