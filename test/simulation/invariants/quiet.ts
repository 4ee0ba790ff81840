import type { PromotionId } from '../../../lambdas/domain/names.ts';
import type { Execution } from '../asl/interpreter.ts';
import { SECRET as WEBHOOK_SECRET } from '../world/ingress.ts';
import type { Invariant } from './invariant.ts';

const SECRET = WEBHOOK_SECRET.split(':')[1] ?? '';

/** Budgets of one promotion: far below what Step Functions would end an execution for. */
export const MOST_EVENTS = 400;
/** Who goes to hosts asks again and again how they are; an execution may have 25,000. */
const MOST_EVENTS_TO_HOSTS = 12_500;

export const withinBudget: Invariant = {
  name: `an execution stays under ${MOST_EVENTS} events`,
  watch(world, broken) {
    const check = ({ name, events }: Execution) => {
      if (events.length <= MOST_EVENTS) return;
      const isToHosts = world.table.peek({ pk: `P#${name}`, sk: 'H' }) !== undefined;
      if (!isToHosts || events.length > MOST_EVENTS_TO_HOSTS)
        broken(`${name} has ${events.length} events`);
    };
    return {
      onEffect({ process }) {
        const execution = process.subject && world.promotes.of(process.subject as PromotionId);
        if (execution) check(execution);
      },
      atEnd: () => [...world.promotes.all, ...world.sweeps].forEach(check),
    };
  },
};

export const secretsStaySecret: Invariant = {
  name: 'no token is in the table, the Ledger, a notice to all, or what an execution hands on',
  watch: (world, broken) => ({
    atEnd() {
      const links = world.notices.sent.flatMap(({ to, message }) =>
        to === 'everybody' ? [] : (/\/a\/([\w-]{40,})/.exec(message.text)?.[1] ?? []),
      );
      const places: [string, string][] = [
        ['the table', JSON.stringify(world.table.contents)],
        ['the Ledger', JSON.stringify(world.ledger.log())],
        ['a notice', JSON.stringify(world.notices.to('everybody'))],
        ['a request', JSON.stringify(world.r2.requests)],
        ['a log', world.trace.filter((line) => line.includes('{"what"')).join()],
        ['an output', JSON.stringify(world.promotes.all.map(({ output }) => output ?? null))],
      ];
      for (const [place, text] of places) {
        if (text.includes('TASK-TOKEN')) broken(`a task token is in ${place}`);
        if (text.includes(SECRET)) broken(`the webhook’s secret is in ${place}`);
        for (const link of links) if (text.includes(link)) broken(`a link's token is in ${place}`);
      }
    },
  }),
};
