import { decisionApp } from '../../lambdas/approval/decision-app.ts';
import { hashLinkToken } from '../../lambdas/approval/link-token.ts';
import type { PromotionId } from '../../lambdas/domain/names.ts';
import { awaitingApproval } from '../promote/stories.ts';
import type { World, WorldOptions } from '../promote/world.ts';

/** The decision page over a world, and the links that the approvers were sent. */
export interface Desk {
  readonly world: World;
  readonly id: PromotionId;
  /** What the page reported as going wrong. */
  readonly reported: unknown[];
  /** The path of somebody's newest link. */
  link(person: string): string;
  request(path: string, init?: RequestInit): Promise<Response>;
  /** The nonce in the form at this path. */
  nonce(path: string): Promise<string>;
  /** Sends the form as a browser would, with the page's own nonce unless told otherwise; then everything follows. */
  answer(path: string, form: Record<string, string>): Promise<Response>;
  /** Gives a person a link that they were not sent. */
  forge(person: string, token: string): Promise<string>;
}

export async function openDesk(options: WorldOptions = {}): Promise<Desk> {
  const { world, id } = await awaitingApproval(options);
  const reported: unknown[] = [];
  const app = decisionApp({
    ...world.ports,
    config: async () => world.config,
    report: (error) => reported.push(error),
  });
  const request = async (path: string, init?: RequestInit) =>
    app.request(`https://pages.example${path}`, init);
  const nonce = async (path: string) => {
    const html = await (await request(path)).text();
    return /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? 'none';
  };
  return {
    world,
    id,
    reported,
    request,
    nonce,
    link: (person) => {
      const links = world.notices
        .to(person)
        .flatMap(
          ({ message }) => /https:\/\/pages\.example(\/a\/\S+)/.exec(message.text)?.[1] ?? [],
        );
      return links.at(-1) ?? 'none';
    },
    answer: async (path, form) => {
      const body = new URLSearchParams({ csrf: await nonce(path), ...form });
      const response = await request(path, { method: 'POST', body });
      await world.settle();
      return response;
    },
    forge: async (person, token) => {
      const round = await world.ports.approvals.latest(id);
      await world.ports.approvals.links.put(hashLinkToken(token), {
        promotion: id,
        round: 1,
        person: person as never,
        expiresAt: round?.expiresAt ?? '',
      });
      return `/a/${token}`;
    },
  };
}
