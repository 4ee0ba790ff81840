import { approversOf, type ConveyorConfig } from './config.ts';
import type { PersonName } from './names.ts';
import type { Promotion } from './promotion.ts';

const SESSION =
  /^arn:([a-z-]+):sts::(\d{12}):assumed-role\/([\w+=,.@-]{1,64})\/([\w+=,.@-]{2,64})$/;
const ROLE = /^arn:([a-z-]+):iam::(\d{12}):role\/(?:[\x21-\x7e]+\/)?([\w+=,.@-]{1,64})$/;

/**
 * The person behind a principal that STS named; nobody when none or more than one matches, because a vote that could
 * be two people's is nobody's. A session's ARN has lost the role's path (IAM User Guide, "IAM identifiers"), so a
 * role pattern is compared without it: two roles of one account never share a name.
 */
export function personOf(
  config: Pick<ConveyorConfig, 'people'>,
  principalArn: string,
): PersonName | undefined {
  const matching = Object.entries(config.people)
    .filter(([, { principals }]) => principals.some((pattern) => matches(pattern, principalArn)))
    .map(([name]) => name as PersonName);
  return matching.length === 1 ? matching[0] : undefined;
}

function matches(pattern: string, principal: string): boolean {
  const session = SESSION.exec(principal);
  const role = ROLE.exec(pattern);
  if (role !== null && session !== null)
    return role.slice(1).every((part, i) => part === session[i + 1]);
  if (!pattern.endsWith('*')) return pattern === principal;
  // `*` ends a session's name only: `arn:aws:sts::…:assumed-role/*` would be everybody.
  const prefix = pattern.slice(0, -1);
  return session !== null && /:assumed-role\/[^/]+\//.test(prefix) && principal.startsWith(prefix);
}

export type MayDecide =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly because: string };

const no = (because: string): MayDecide => ({ allowed: false, because });

/**
 * Whether this person's answer may count now. Segregation of duties fails closed: who cannot be named has no vote,
 * and a promotion whose requester cannot be named could be anybody's own.
 */
export function mayDecide(
  promotion: Promotion,
  person: PersonName | undefined,
  config: ConveyorConfig,
): MayDecide {
  if (person === undefined) return no('nobody in conveyor.yaml, under people:, has this principal');
  const approval = config.environments[promotion.environment]?.approval;
  if (approval === undefined)
    return no(`${promotion.environment} has no approval in conveyor.yaml`);
  const asked = promotion.steps.approval;
  if (promotion.state !== 'awaiting approval' || asked === undefined)
    return no(`it does not wait for an approval: it is ${promotion.state}`);
  if (!approversOf(config, approval).includes(person))
    return no(`${person} is not an approver of ${promotion.environment}`);
  if (asked.votes.some((vote) => vote.person === person))
    return no(`${person} has answered already`);
  return approval.selfApproval ? { allowed: true } : notTheirOwn(promotion, person);
}

function notTheirOwn({ requestedBy }: Promotion, person: PersonName): MayDecide {
  // What Conveyor asked for by itself is nobody's request, so anybody in the group may answer.
  if ('automatic' in requestedBy) return { allowed: true };
  if (requestedBy.person === undefined)
    return no('who asked for it is not known as a person, so nobody can be told apart from them');
  return requestedBy.person === person
    ? no(`${person} asked for it, so somebody else must decide`)
    : { allowed: true };
}
