import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity } from '@smithy/types';
import { InvalidInput, NotAllowed, NotFound } from '../../lambdas/domain/errors.ts';
import { stsEndpoint } from '../../lambdas/domain/partition.ts';
import type { Clock } from '../../lambdas/ports/clock.ts';
import { Api } from './api.ts';
import type { IoHost } from './io-host.ts';

/** Where the stack publishes its API's URL. */
const API_PARAMETER = '/conveyor/api/url';

/** Finds the API: `--endpoint`, CONVEYOR_ENDPOINT, else what the stack of these credentials published. */
export async function connect(
  host: IoHost,
  clock: Clock,
  option: string | undefined,
): Promise<Api> {
  const credentials = await findCredentials();
  const named = option ?? host.env.CONVEYOR_ENDPOINT;
  const region = regionOf(host.env, named) ?? (await configuredRegion());
  const endpoint = checkEndpoint(named ?? (await publishedEndpoint(region)));
  const sts = host.env.AWS_ENDPOINT_URL_STS ?? host.env.AWS_ENDPOINT_URL;
  return new Api({
    endpoint,
    region,
    credentials,
    stsEndpoint: sts === undefined ? stsEndpoint(region) : new URL(sts),
    clock,
    signal: host.interrupted,
  });
}

export async function findCredentials(): Promise<AwsCredentialIdentity> {
  try {
    return await fromNodeProviderChain()();
  } catch (cause) {
    throw new NotAllowed('no AWS credentials were found', {
      cause,
      fix: 'Sign in (aws sso login, aws configure) or set AWS_PROFILE.',
    });
  }
}

/** A Function URL tells its region: `<id>.lambda-url.<region>.…`. */
export function regionOf(env: IoHost['env'], endpoint: string | undefined): string | undefined {
  return (
    /\.lambda-url\.([a-z0-9-]+)\./.exec(endpoint ?? '')?.[1] ??
    env.AWS_REGION ??
    env.AWS_DEFAULT_REGION
  );
}

export async function configuredRegion(): Promise<string> {
  try {
    return await new SSMClient({}).config.region();
  } catch (cause) {
    throw new InvalidInput('no AWS region is set', {
      cause,
      fix: "Set AWS_REGION to the region of Conveyor's stack.",
    });
  }
}

async function publishedEndpoint(region: string): Promise<string> {
  const fix = 'Use credentials of the tools account, or give --endpoint.';
  try {
    const { Parameter } = await new SSMClient({ region }).send(
      new GetParameterCommand({ Name: API_PARAMETER }),
    );
    if (Parameter?.Value !== undefined) return Parameter.Value;
  } catch (cause) {
    const name = cause instanceof Error ? cause.name : '';
    if (name !== 'ParameterNotFound')
      throw new NotAllowed(`${API_PARAMETER} cannot be read in ${region} (${name})`, {
        cause,
        fix,
      });
  }
  throw new NotFound(
    `no Conveyor is deployed in this account and region: SSM has no ${API_PARAMETER} in ${region}`,
    { fix },
  );
}

/** Requests carry a proof of identity, so they travel encrypted, or not at all beyond this machine. */
function checkEndpoint(text: string): URL {
  if (!URL.canParse(text))
    throw new InvalidInput('the endpoint is not a URL', {
      fix: 'Give it like https://….lambda-url.eu-west-1.on.aws/',
    });
  const url = new URL(text);
  const here = /^(localhost|127\.0\.0\.1|\[::1\]|.+\.localhost)$/.test(url.hostname);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && here)) return url;
  throw new InvalidInput(`the endpoint ${url.host} is not reached by https`, {
    fix: 'Give an https endpoint.',
  });
}
