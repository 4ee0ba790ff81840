import { type Context, Hono } from 'hono';
import * as z from 'zod';
import { castVote, type VotePorts } from '../approval/cast-vote.ts';
import type { ConveyorConfig } from '../domain/config.ts';
import { ConveyorError, InvalidInput, NotAllowed } from '../domain/errors.ts';
import { EnvironmentName, PromotionId, ServiceName, Version } from '../domain/names.ts';
import type { Deployments } from '../ports/argocd.ts';
import type { Releases } from '../ports/releases.ts';
import type { Sightings } from '../ports/sightings.ts';
import type { Env } from './api-env.ts';
import { askPromotion } from './ask-promotion.ts';
import { callerOf } from './caller.ts';
import { DecisionRequest, PromoteRequest } from './contract.ts';
import { type ProvisionDesk, provisionRoutes } from './provision-routes.ts';
import { parse, read, requireKnown } from './read-request.ts';
import { readService } from './read-service.ts';
import { readStatus } from './read-status.ts';
import type { Identity } from './redeem-identity.ts';
import { tellWhy } from './tell-why.ts';

export interface ApiPorts extends VotePorts, ProvisionDesk {
  readonly releases: Releases;
  readonly sightings: Sightings;
  readonly config: () => Promise<ConveyorConfig>;
  readonly deployments: (config: ConveyorConfig) => Promise<Deployments | undefined>;
  /** Who sent this request. @throws NotAllowed */
  readonly identify: (request: {
    method: string;
    path: string;
    body: string;
    header: string | undefined;
    /** Whom the Function URL's own IAM check named (AWS Lambda, "Request payload"); an emulator names nobody. */
    signedBy: string | undefined;
  }) => Promise<Identity>;
  readonly report: (error: unknown) => void;
}

const STATUS: Readonly<Record<string, 400 | 401 | 403 | 404 | 409 | 422>> = {
  InvalidInput: 400,
  NotAllowed: 403,
  NotFound: 404,
  Conflict: 409,
  Refused: 422,
};
const HISTORY = 100;
const Where = z.object({ service: ServiceName, environment: EnvironmentName });
const Asked = z.object({ version: Version, environment: EnvironmentName });

type Asked = Context<Env>;

/** What the CLI talks to (`contract.ts`). Every request names its caller, or is answered 401. */
export function apiApp(ports: ApiPorts) {
  const app = new Hono<Env>();
  app.onError((error, c) => answerError(c, ports, error));
  app.use(async (c, next) => {
    const { pathname, search } = new URL(c.req.url);
    const body = await c.req.text();
    const identity = await ports
      .identify({
        method: c.req.method,
        path: `${pathname}${search}`,
        body,
        header: c.req.header('x-conveyor-identity'),
        signedBy: c.env?.event?.requestContext?.authorizer?.iam?.userArn,
      })
      .catch((error: unknown) => error);
    if (identity instanceof NotAllowed)
      return c.json(
        { error: { code: 'NotIdentified', message: identity.message, fix: identity.fix } },
        401,
      );
    if (identity instanceof Error) throw identity;
    const config = await ports.config();
    c.set('config', config);
    c.set('caller', callerOf(config, identity as Identity));
    return next();
  });

  app.get('/status', async (c) =>
    c.json(
      await readStatus(
        { ...ports, deployments: await ports.deployments(c.get('config')) },
        c.get('config'),
        c.get('caller'),
      ),
    ),
  );
  app.get('/promotions/:id', async (c) =>
    c.json({ promotion: await ports.promotions.find(idOf(c)) }),
  );
  app.post('/promotions', async (c) =>
    c.json(
      {
        promotion: await askPromotion(
          ports,
          c.get('config'),
          c.get('caller'),
          await read(c, PromoteRequest),
        ),
      },
      201,
    ),
  );
  app.post('/promotions/:id/decision', async (c) => c.json({ promotion: await decide(c, ports) }));
  app.get('/history', async (c) => {
    const config = c.get('config');
    const { service, environment } = parse(Where.partial(), c.req.query());
    const pairs = Object.entries(config.services).flatMap(([name, { stages }]) =>
      stages.map((stage) => [ServiceName.parse(name), stage] as const),
    );
    requireKnown('service', service, config.services);
    requireKnown('environment', environment, config.environments);
    const asked = pairs.filter(
      ([name, stage]) => (service ?? name) === name && (environment ?? stage) === stage,
    );
    const found = await Promise.all(
      asked.map(([name, stage]) => ports.promotions.history(name, stage, HISTORY)),
    );
    const promotions = found.flat().sort((a, b) => (a.id < b.id ? 1 : -1));
    return c.json({ promotions: promotions.slice(0, HISTORY) });
  });
  app.get('/releases', async (c) => {
    const { service } = parse(Where.pick({ service: true }), c.req.query());
    requireKnown('service', service, c.get('config').services);
    return c.json({ releases: await ports.releases.list(service, HISTORY) });
  });
  app.get('/services/:service', async (c) => {
    const { service } = parse(Where.pick({ service: true }), c.req.param());
    const { version, environment } = parse(Asked.partial(), c.req.query());
    const asked =
      version === undefined && environment === undefined
        ? undefined
        : parse(Asked, { version, environment });
    requireKnown('service', service, c.get('config').services);
    return c.json(await readService(ports, c.get('config'), c.get('caller'), service, asked));
  });
  app.get('/hosts', async (c) => {
    const where = parse(Where, c.req.query());
    requireKnown('service', where.service, c.get('config').services);
    requireKnown('environment', where.environment, c.get('config').environments);
    const { landed } = await ports.lines.read(where.service, where.environment);
    const { at, hosts } = await ports.sightings.read(where);
    return c.json({ ...where, ...(at && { at }), ...(landed && { landed }), hosts });
  });
  app.get('/refusals', async (c) => c.json({ refusals: await ports.releases.refusals(HISTORY) }));
  app.get('/why', async (c) => {
    const { artifact, environment } = parse(
      z.object({ artifact: z.string().min(1).max(200), environment: EnvironmentName }),
      c.req.query(),
    );
    return c.json(await tellWhy(ports, c.get('config'), artifact, environment));
  });
  provisionRoutes(app, ports);
  return app;
}

async function decide(c: Asked, ports: ApiPorts) {
  const caller = c.get('caller');
  const { decision, note } = await read(c, DecisionRequest);
  if (caller.person === undefined)
    throw new NotAllowed(`${caller.principal} is nobody under people:`, {
      fix: 'Add this principal to a person in conveyor.yaml and deploy.',
    });
  if (decision === 'reject' && note === undefined)
    throw new InvalidInput('To reject, say why', { fix: 'Add --note "…".' });
  const promotion = await ports.promotions.find(idOf(c));
  await castVote(ports, c.get('config'), promotion, {
    person: caller.person,
    decision,
    via: 'cli',
    ...(note !== undefined && { note }),
  });
  return ports.promotions.find(promotion.id);
}

function idOf(c: Asked): PromotionId {
  return parse(PromotionId, c.req.param('id'));
}

function answerError(c: Context, ports: ApiPorts, error: unknown): Response {
  if (!(error instanceof ConveyorError)) {
    ports.report(error);
    return c.json(
      { error: { code: 'Internal', message: 'Conveyor failed to answer; its log says why.' } },
      500,
    );
  }
  const { name: code, message, fix } = error;
  return c.json(
    { error: { code, message, ...(fix !== undefined && { fix }) } },
    STATUS[code] ?? (error.source === 'user' ? 422 : 503),
  );
}
