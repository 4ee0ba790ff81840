import type { Step } from './deploy.ts';

/** Prints each step when it is done, with its seconds; on a terminal also while it runs. */
export function stepReporter(out: NodeJS.WriteStream): { step: Step; say: (text: string) => void } {
  const say = (text: string) => void out.write(`${text}\n`);
  const step: Step = async (name, work) => {
    const started = performance.now();
    if (out.isTTY) out.write(`  … ${name}`);
    const clear = out.isTTY ? '\r\u001b[2K' : '';
    const seconds = () => `${((performance.now() - started) / 1_000).toFixed(1)} s`;
    try {
      const result = await work();
      out.write(`${clear}  ok  ${name.padEnd(44)} ${seconds().padStart(7)}\n`);
      return result;
    } catch (error) {
      out.write(`${clear}  !!  ${name.padEnd(44)} ${seconds().padStart(7)}\n`);
      throw error;
    }
  };
  return { step, say };
}
