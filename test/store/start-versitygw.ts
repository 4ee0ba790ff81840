import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { SystemClock } from '../../lambdas/adapters/system-clock.ts';

export interface RunningStore {
  /** http://127.0.0.1:PORT */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly pid: number;
  /** Stops the server and removes what it kept. */
  stop(): Promise<void>;
}

const READY_WITHIN_TRIES = 200;
const REGION = 'us-east-1';

/**
 * A real S3 server (versitygw) on a free loopback port, its objects in a folder of its own, with keys of its own.
 * @param region what its clients must sign for; R2's is called `auto`
 * @throws Error that says how to install it, where it is not there
 */
export async function startStore(region = REGION): Promise<RunningStore> {
  const binary = findVersitygw();
  const directory = await mkdtemp(join(tmpdir(), 'conveyor-store-'));
  const data = join(directory, 'data');
  // As files: an attribute of ext4 holds 4 kB, which an object of some 900 parts is over.
  const metadata = join(directory, 'metadata');
  await Promise.all([mkdir(data), mkdir(metadata)]);
  const port = await freePort();
  const accessKeyId = `AK${randomBytes(9).toString('hex').toUpperCase()}`;
  const secretAccessKey = randomBytes(20).toString('hex');
  const child = spawn(
    binary,
    ['--quiet', '--port', `127.0.0.1:${port}`, 'posix', '--sidecar', metadata, data],
    {
      env: { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey, VGW_REGION: region },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const words: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => words.push(chunk));

  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL'))
      await once(child, 'exit');
    await rm(directory, { recursive: true, force: true });
  };
  const endpoint = `http://127.0.0.1:${port}`;
  if (await isReady(endpoint, child))
    return { endpoint, accessKeyId, secretAccessKey, pid: child.pid ?? 0, stop };
  await stop();
  throw new Error(`${binary} did not start:\n${Buffer.concat(words).toString('utf8')}`);
}

/** A client of it, or of a proxy before it. It tries once only: what went wrong is to be seen. */
export function storeClient(
  { accessKeyId, secretAccessKey, ...store }: Omit<RunningStore, 'pid' | 'stop'>,
  endpoint = store.endpoint,
  maxAttempts = 1,
): S3Client {
  return new S3Client({
    endpoint,
    region: REGION,
    forcePathStyle: true,
    maxAttempts,
    // As the product's own clients are (lambdas/adapters/s3-client.ts).
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    credentials: { accessKeyId, secretAccessKey },
  });
}

/** An empty bucket under a name that nobody else has. */
export async function makeBucket(store: RunningStore): Promise<string> {
  const Bucket = `store-${randomBytes(8).toString('hex')}`;
  const client = storeClient(store);
  await client.send(new CreateBucketCommand({ Bucket }));
  client.destroy();
  return Bucket;
}

function findVersitygw(): string {
  const tools = join(import.meta.dirname, '../../.ci/tools/bin');
  const places = [tools, ...(process.env.PATH ?? '').split(delimiter), ...goBin()];
  const found = places.map((place) => join(place, 'versitygw')).find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new Error(
    'There is no versitygw on the PATH or among Go’s programs. Build it (three minutes): .ci/install-go-tools',
  );
}

/** Where `go install` puts programs. Empty where there is no Go. */
function goBin(): string[] {
  try {
    const told = execFileSync('go', ['env', 'GOBIN', 'GOPATH'], { encoding: 'utf8' });
    const [bin = '', path = ''] = told.split('\n');
    return bin === '' ? path.split(delimiter).map((folder) => join(folder, 'bin')) : [bin];
  } catch {
    return [];
  }
}

async function isReady(endpoint: string, child: ChildProcess): Promise<boolean> {
  const clock = new SystemClock();
  for (let tries = 0; tries < READY_WITHIN_TRIES && child.exitCode === null; tries++) {
    // Whoever signs nothing is refused: that is an answer.
    if (
      await fetch(endpoint).then(
        ({ status }) => status === 403,
        () => false,
      )
    )
      return true;
    await clock.sleep(50);
  }
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
