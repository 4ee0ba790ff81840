import { spawn } from 'node:child_process';

export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
}

/** Runs a command to its end. @throws CommandFailed with the last lines it said */
export function run(
  command: string,
  args: readonly string[],
  options: { env: Record<string, string>; cwd?: string },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let all = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      all += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      all += chunk.toString();
    });
    child.on('error', (cause) =>
      reject(new CommandFailed(`${command} could not be started: ${cause.message}`, { cause })),
    );
    child.on('close', (code) => {
      if (code === 0) resolve(out);
      else
        reject(
          new CommandFailed(
            `${command} ${args.slice(0, 4).join(' ')} … ended with ${code}:\n${lastLines(all)}`,
          ),
        );
    });
  });
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-25).join('\n');
}
