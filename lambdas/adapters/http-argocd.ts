import * as z from 'zod';
import { NotAllowed, NotFound, Unavailable } from '../domain/errors.ts';
import type { ApplicationState, Deployments } from '../ports/argocd.ts';

export interface HttpArgocdOptions {
  /** `https://argocd.example.com`. */
  readonly server: string | URL;
  /** Of a project role or account that may `get` and `sync` the applications. */
  readonly token: string;
  /** Named, Argo CD answers 404 for what is not there; unnamed, it answers 403 for that too. @default default */
  readonly project?: string;
  /** @default 20 000 */
  readonly timeoutMilliseconds?: number;
}

const SyncStatus = z.enum(['Synced', 'OutOfSync', 'Unknown']).catch('Unknown');
const HealthStatus = z
  .enum(['Healthy', 'Progressing', 'Degraded', 'Suspended', 'Missing', 'Unknown'])
  .catch('Unknown');

/** The fields of Argo CD's `Application` that are used; Go leaves empty ones out, or writes null. */
const Application = z.object({
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    syncPolicy: z
      .object({ automated: z.object({ enabled: z.boolean().nullish() }).nullish() })
      .nullish(),
  }),
  status: z
    .object({
      sync: z
        .object({
          status: SyncStatus,
          revision: z.string().nullish(),
          revisions: z.array(z.string()).nullish(),
        })
        .nullish(),
      health: z.object({ status: HealthStatus }).nullish(),
      summary: z.object({ images: z.array(z.string()).nullish() }).nullish(),
      history: z
        .array(
          z.object({
            id: z.number().default(0),
            revision: z.string().default(''),
            deployedAt: z.iso.datetime({ offset: true }),
          }),
        )
        .nullish(),
      operationState: z.object({ phase: z.string(), message: z.string().default('') }).nullish(),
    })
    .default({}),
});
const Refusal = z.object({ message: z.string() }).partial().catch({});

/** Argo CD's own API, with a bearer token. */
export class HttpArgocd implements Deployments {
  readonly #options: HttpArgocdOptions & { readonly server: string };

  constructor(options: HttpArgocdOptions) {
    this.#options = { ...options, server: String(options.server).replace(/\/+$/, '') };
  }

  async application(name: string): Promise<ApplicationState | undefined> {
    const doing = `read the application ${name}`;
    // Without `refresh`, Argo CD answers from a comparison up to three minutes old.
    const { project = 'default' } = this.#options;
    const query = new URLSearchParams({ refresh: 'normal', project });
    const answer = await this.#call(
      'GET',
      `${encodeURIComponent(name)}?${query}`,
      undefined,
      doing,
    );
    if (answer === undefined) return undefined;
    const parsed = Application.safeParse(answer);
    if (!parsed.success) {
      throw new Unavailable(`could not ${doing}: the answer is not an Argo CD Application`, {
        data: {
          issues: parsed.error.issues.slice(0, 3).map(({ path, message }) => ({ path, message })),
        },
      });
    }
    return this.#stateOf(parsed.data);
  }

  async sync(name: string, revision?: string): Promise<void> {
    const { project = 'default' } = this.#options;
    const body = { project, ...(revision === undefined ? {} : { revision }) };
    const path = `${encodeURIComponent(name)}/sync`;
    const answer = await this.#call('POST', path, body, `sync the application ${name}`);
    if (answer === undefined) {
      throw new NotFound(`Argo CD has no application ${name}`, {
        data: { application: name },
        fix: 'Correct the application in conveyor.yaml, or create it in Argo CD.',
      });
    }
  }

  #stateOf({ metadata, spec, status }: z.infer<typeof Application>): ApplicationState {
    const { name } = metadata;
    const { sync, health, summary, history, operationState } = status;
    const automated = spec.syncPolicy?.automated;
    return {
      name,
      sync: sync?.status ?? 'Unknown',
      revision: sync?.revision ?? sync?.revisions?.[0] ?? undefined,
      health: health?.status ?? 'Unknown',
      images: summary?.images ?? [],
      // From 3.1 on `enabled: false` switches it off while the block stays.
      autoSync: automated != null && automated.enabled !== false,
      history: (history ?? []).map((one) => ({ ...one, deployedAt: new Date(one.deployedAt) })),
      operation: operationState ?? undefined,
      url: `${this.#options.server}/applications/${encodeURIComponent(name)}`,
    };
  }

  async #call(
    method: 'GET' | 'POST',
    path: string,
    body: object | undefined,
    doing: string,
  ): Promise<unknown> {
    const { server, token, timeoutMilliseconds = 20_000 } = this.#options;
    const url = `${server}/api/v1/applications/${path}`;
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        signal: AbortSignal.timeout(timeoutMilliseconds),
        ...(body && { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (cause) {
      throw new Unavailable(`could not ${doing}: Argo CD cannot be reached`, {
        data: { server },
        cause,
      });
    }
    const answer = parseJson(text);
    if (response.ok) return answer ?? {};
    if (response.status === 404) return undefined;
    throw failure(response.status, Refusal.parse(answer).message ?? '', doing);
  }
}

function failure(status: number, says: string, doing: string): Error {
  const message = `could not ${doing}: Argo CD answered ${status}: ${says.slice(0, 300)}`;
  const data = { status, says };
  // "another operation is already in progress" comes as gRPC's FailedPrecondition, which is 400.
  if (status >= 500 || status === 429 || /already in progress/.test(says)) {
    return new Unavailable(message, { data });
  }
  const fix =
    status === 401
      ? 'Renew the token in the SSM parameter that conveyor.yaml names under argocd.'
      : "Give the token's role 'get' and 'sync' on the application, and name its project.";
  return new NotAllowed(message, { data, fix: status === 400 ? 'See what Argo CD says.' : fix });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
