import { main } from '../../bin/cli/main.ts';
import { credentials } from '../board/fake-sts.ts';
import { FixedClock } from '../fakes/fixed-clock.ts';
import type { FakeApi } from './fake-api.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly json: {
    schema?: string;
    data?: unknown;
    error?: { code: string; message: string; next: string[]; fix?: string; where?: unknown };
  };
  readonly clock: FixedClock;
}

/** Each process has randomness of its own. */
let seed = 0;

/** What of the outside one command line sees. */
export interface RunOptions {
  readonly tty?: boolean;
  readonly env?: Record<string, string | undefined>;
  readonly cwd?: string;
  readonly interrupted?: AbortSignal;
  /** What somebody types at a terminal, line by line; after it the terminal ends. */
  readonly answers?: readonly string[];
}

/** An API and the STS that it believes. */
type Served = Pick<FakeApi, 'url' | 'sts'>;

export const awsEnv = (api: Served) => ({
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_SESSION_TOKEN: credentials.sessionToken,
  AWS_REGION: 'us-east-1',
  AWS_ENDPOINT_URL_STS: api.sts.url.href,
  CONVEYOR_ENDPOINT: api.url,
});

/** One command line in this process: time stands still, and waiting costs nothing. */
export async function run(
  api: Served,
  args: readonly string[],
  given: RunOptions = {},
): Promise<Ran> {
  const clock = new FixedClock('2026-11-21T14:02:00Z', ++seed);
  let out = '';
  let err = '';
  const answers = given.answers === undefined ? undefined : [...given.answers];
  const code = await main(
    args,
    {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      errIsTty: given.tty === true,
      env: { ...awsEnv(api), ...given.env },
      cwd: given.cwd ?? 'examples/forge',
      ...(answers && {
        prompt: async (question: string) => {
          err += `${question}\n`;
          return answers.shift();
        },
      }),
      interrupted: given.interrupted ?? new AbortController().signal,
    },
    clock,
  );
  return { code, out, err, json: args.includes('--json') ? JSON.parse(out) : {}, clock };
}
