import type { Overrides } from '../../bin/twin/configure.ts';
import type { Step } from '../../bin/twin/deploy.ts';
import { startTwin, type Twin } from '../../bin/twin/start-twin.ts';

// Its word about the next Node belongs to no table.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const NAME = 'bench';
const BASE_PORT = 24_566;

/** Away from everybody's own twin, unless `TWIN_BASE_PORT` says otherwise. */
export const basePort = Number(process.env.TWIN_BASE_PORT ?? BASE_PORT);

/** The twin that benchmarks use: a folder and ports of its own, and nobody's work in it. */
export function startBenchTwin(options: {
  readonly fresh: boolean;
  readonly step: Step;
  readonly overrides?: Overrides;
}): Promise<Twin> {
  return startTwin({ name: NAME, basePort, say: () => {}, ...options });
}

/** Runs `work` with a twin and stops that twin whatever happens, also on Ctrl-C. */
export async function withTwin<T>(
  starting: Promise<Twin>,
  work: (twin: Twin) => Promise<T>,
): Promise<T> {
  const twin = await starting;
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => reject(new Error('interrupted')));
  });
  try {
    return await Promise.race([work(twin), interrupted]);
  } finally {
    await twin.stop();
  }
}

/** A rejection for what takes longer than anything here should. */
export async function within<T>(limit: number, what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${limit} ms`)), limit);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
