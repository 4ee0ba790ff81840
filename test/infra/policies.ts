import type { Template } from 'aws-cdk-lib/assertions';
import { named, type Resource, resources } from './forge.ts';

type Texts = string | readonly string[];
type Conditions = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: Texts;
  readonly Resource?: unknown;
  readonly Principal?: '*' | { readonly AWS?: Texts; readonly Service?: Texts };
  readonly Condition?: Conditions;
}

export interface Call {
  /** The ARN of the role or user (a session's role), or a service's name; of an account's root, `arn:…:root`. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** Global and service condition keys; `aws:PrincipalArn` is the principal unless given. */
  readonly context?: Readonly<Record<string, string>>;
}

export type Verdict = 'allowed' | 'denied' | 'explicitly denied';

const KNOWN_ELEMENTS = ['Sid', 'Effect', 'Action', 'Resource', 'Principal', 'Condition'];
const KNOWN_KEYS =
  /^(aws:(PrincipalArn|SourceArn|SourceAccount|SecureTransport)|sts:ExternalId|ssm:resourceTag\/.+|events:source|dynamodb:LeadingKeys|iam:PassedToService|kms:ViaService|kms:EncryptionContext:.+|lambda:(FunctionUrlAuthType|InvokedViaFunctionUrl))$/;

/**
 * A small evaluator of IAM policies: an explicit denial wins, then an allowance, else nothing is allowed ("Policy
 * evaluation logic", IAM guide). What it does not know makes it throw: a test must not pass by ignorance.
 */
export function evaluate(statements: readonly Statement[], call: Call): Verdict {
  statements.forEach(requireKnown);
  const context = { 'aws:PrincipalArn': call.principal, ...call.context };
  const applies = statements.filter(
    (statement) =>
      texts(statement.Action).some((action) =>
        like(action.toLowerCase(), call.action.toLowerCase()),
      ) &&
      isFor(statement, call.principal) &&
      (statement.Resource === undefined ||
        list(statement.Resource).some((resource) => like(named(resource), call.resource))) &&
      Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
        Object.entries(keys).every(([key, wanted]) =>
          holds(operator, (context as Record<string, string>)[key], list(wanted).map(named)),
        ),
      ),
  );
  if (applies.some(({ Effect }) => Effect === 'Deny')) return 'explicitly denied';
  return applies.some(({ Effect }) => Effect === 'Allow') ? 'allowed' : 'denied';
}

function requireKnown(statement: Statement): void {
  const unknown = [
    ...Object.keys(statement).filter((element) => !KNOWN_ELEMENTS.includes(element)),
    ...Object.keys(typeof statement.Principal === 'object' ? statement.Principal : {}).filter(
      (kind) => kind !== 'AWS' && kind !== 'Service',
    ),
    ...Object.values(statement.Condition ?? {})
      .flatMap((keys) => Object.keys(keys))
      .filter((key) => !KNOWN_KEYS.test(key)),
  ];
  if (unknown.length > 0) throw new Error(`The evaluator does not know ${unknown.join(', ')}`);
}

function isFor({ Principal }: Statement, principal: string): boolean {
  if (Principal === undefined || Principal === '*') return true;
  if (texts(Principal.Service ?? []).includes(principal)) return true;
  return texts(Principal.AWS ?? [])
    .map(named)
    .some((allowed) => {
      if (allowed === '*' || allowed === principal) return true;
      const account = /^arn:[\w-]+:iam::(\d{12}):root$/.exec(allowed)?.[1];
      return account !== undefined && principal.split(':')[4] === account;
    });
}

function holds(operator: string, value: string | undefined, wanted: readonly string[]): boolean {
  switch (operator) {
    case 'StringEquals':
    case 'Bool':
      return value !== undefined && wanted.includes(value);
    case 'StringLike':
      return value !== undefined && wanted.some((pattern) => like(pattern, value));
    case 'ForAllValues:StringLike': // of one value here; IAM guide: true as well where the key is missing
      return value === undefined || wanted.some((pattern) => like(pattern, value));
    case 'ArnLike':
    case 'ArnEquals': // IAM guide: "ArnEquals and ArnLike behave identically."
      return value !== undefined && wanted.some((pattern) => likeArn(pattern, value));
    case 'ArnNotLike':
      return value === undefined || !wanted.some((pattern) => likeArn(pattern, value));
    default:
      throw new Error(`The evaluator does not know ${operator}`);
  }
}

function like(pattern: string, value: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`, 's').test(value);
}

/** IAM guide: "Each of the six colon-delimited components of the ARN is checked separately". */
function likeArn(pattern: string, value: string): boolean {
  const [wanted, given] = [pattern, value].map((arn) => {
    const parts = arn.split(':');
    return [...parts.slice(0, 5), parts.slice(5).join(':')];
  }) as [string[], string[]];
  return wanted.every((part, i) => like(part, given[i] ?? ''));
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
const texts = (value: Texts): readonly string[] => list(value) as string[];

/** What the role of that name may do: the statements of all policies attached to it. */
export function rightsOf(template: Template, roleName: string): readonly Statement[] {
  const [id] =
    [...resources(template, 'AWS::IAM::Role')].find(
      ([, role]) => role.Properties.RoleName === roleName,
    ) ?? [];
  if (id === undefined) throw new Error(`There is no role ${roleName}`);
  return policiesOf(template, id).flatMap((policy) => policy.Properties.PolicyDocument.Statement);
}

function policiesOf(template: Template, roleId: string): Resource[] {
  return [...resources(template, 'AWS::IAM::Policy').values()].filter((policy) =>
    policy.Properties.Roles.map(named).includes(roleId),
  );
}

export const actionsOf = (statement: Statement): readonly string[] => texts(statement.Action);
export const resourcesOf = (statement: Statement): readonly string[] =>
  list(statement.Resource).map(named);
