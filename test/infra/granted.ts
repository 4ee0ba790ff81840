import type { Template } from 'aws-cdk-lib/assertions';
import { resources } from './forge.ts';
import { actionsOf, rightsOf, type Statement } from './policies.ts';

/** What each role of a function, and each deploy role, is granted: `role` → its rights' names, sorted. */
export type Rights = Readonly<Record<string, readonly string[]>>;

export function grantedBy(templates: readonly Template[]): Rights {
  const entries = templates.flatMap((template) =>
    [...resources(template, 'AWS::IAM::Role').values()]
      .map(({ Properties }) => String(Properties.RoleName ?? ''))
      // Machines' and rules' roles act inside AWS, where the twin sees no call; `wrong-callers` has them whole.
      .filter((name) => /^(conveyor-(?!machine-)|ConveyorDeployRole-)/.test(name))
      .map((name) => [name, sorted(rightsOf(template, name).flatMap(namesOf))] as const),
  );
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** One line for each right, so that a change of one is a change of one line. */
export function linesOf(rights: Rights): string[] {
  return Object.entries(rights)
    .flatMap(([role, names]) => names.map((name) => `${role} ${name}`))
    .sort();
}

export function rightsIn(lines: readonly string[]): Rights {
  const rights: Record<string, string[]> = {};
  for (const line of lines) {
    const [role = '', ...name] = line.split(' ');
    rights[role] = [...(rights[role] ?? []), name.join(' ')];
  }
  return rights;
}

export const sorted = (names: Iterable<string>): string[] => [...new Set(names)].sort();

/** An action, and for KMS what the use is bound to: one key serves the table, topics, executions and task tokens. */
function namesOf(statement: Statement): string[] {
  return actionsOf(statement).map((action) =>
    action.startsWith('kms:') ? `${action} ${boundTo(statement)}` : action,
  );
}

function boundTo({ Condition = {} }: Statement): string {
  const [[key = '', value = ''] = []] = Object.values(Condition).flatMap((keys) =>
    Object.entries(keys),
  );
  const context = /^kms:EncryptionContext:(.+)$/.exec(key)?.[1];
  if (context !== undefined) return `(${context})`;
  if (key === 'kms:ViaService') return `via ${/"?(\w+)\./.exec(JSON.stringify(value))?.[1]}`;
  throw new Error(`A right to use the key that is bound to nothing: ${JSON.stringify(Condition)}`);
}

export interface Unused {
  readonly rights: readonly string[];
  /** Roles by name; `*` for any text. */
  readonly of: readonly string[];
  readonly reason: string;
}

/** What is granted and not used, by role, as the entries give reasons; of a pattern's roles, those that are granted it. */
export function excused(granted: Rights, entries: readonly Unused[]): Rights {
  const roles = Object.keys(granted);
  const pairs = entries.flatMap(({ rights, of }) =>
    of.flatMap((pattern) =>
      roles
        .filter((role) => like(pattern, role))
        .flatMap((role) =>
          rights
            .filter((right) => !pattern.includes('*') || granted[role]?.includes(right))
            .map((right) => [role, right] as const),
        ),
    ),
  );
  return Object.fromEntries(
    roles.map((role) => [
      role,
      sorted(pairs.filter(([of]) => of === role).map(([, right]) => right)),
    ]),
  );
}

function like(pattern: string, role: string): boolean {
  return new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(role);
}
