import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import {
  credentialName,
  desiredPath,
  fingerprintKeyName,
  targetName,
} from '../domain/desired-state.ts';
import { ConveyorError, InvalidInput, NotAllowed, Unavailable } from '../domain/errors.ts';
import type { EnvironmentName, ServiceName } from '../domain/names.ts';
import { PublishedTarget } from '../domain/provision-run.ts';
import type { Clock } from '../ports/clock.ts';
import type { Provisioning, Targets } from '../ports/provisioning.ts';
import { asConveyorError } from './aws-failure.ts';

const KEY_BYTES = 32;

/** Provisioning's parameters in Systems Manager. Secrets are read in plain, and go nowhere but to who asked. */
export class SsmProvisioning implements Provisioning, Targets {
  constructor(
    private readonly ssm: SSMClient,
    private readonly clock: Pick<Clock, 'randomBytes'>,
  ) {}

  async desired(environment: EnvironmentName) {
    const path = desiredPath(environment);
    const found: { service: string; text: string }[] = [];
    let next: string | undefined;
    do {
      const page = await called(() =>
        this.ssm.send(new GetParametersByPathCommand({ Path: path, NextToken: next })),
      );
      for (const { Name = '', Value = '' } of page.Parameters ?? [])
        found.push({ service: Name.slice(path.length + 1), text: Value });
      next = page.NextToken;
    } while (next !== undefined);
    return found;
  }

  async credential(environment: EnvironmentName, service: ServiceName) {
    const name = credentialName(environment, service);
    try {
      return await this.#read(name);
    } catch (error) {
      if (error instanceof ConveyorError) throw error;
      // What was asked for may be repeated, what AWS says of it not: a message may quote a value.
      const code = error instanceof Error ? error.name : 'unknown';
      throw new NotAllowed(`${name} cannot be read: ${code}`, {
        data: { name, code },
        fix: 'Put it as a SecureString under the key aws/ssm (no --key-id).',
      });
    }
  }

  /** Whoever comes second finds the first one's ("PutParameter", `Overwrite`: false is an error where it is there). */
  async fingerprintKey(environment: EnvironmentName): Promise<Uint8Array> {
    const name = fingerprintKeyName(environment);
    const there = await this.#read(name);
    if (there !== undefined) return Buffer.from(there, 'base64');
    const made = Buffer.from(this.clock.randomBytes(KEY_BYTES)).toString('base64');
    await called(async () => {
      try {
        await this.ssm.send(
          new PutParameterCommand({
            Name: name,
            Value: made,
            Type: 'SecureString',
            Overwrite: false,
            Description: 'Conveyor made it, for fingerprints of credentials',
          }),
        );
      } catch (error) {
        if (!isNamed(error, 'ParameterAlreadyExists')) throw error;
      }
    });
    const kept = await this.#read(name);
    if (kept === undefined)
      throw new Unavailable(`The parameter ${name} was made and is not there yet`, {
        data: { name },
      });
    return Buffer.from(kept, 'base64');
  }

  async publish(target: PublishedTarget): Promise<void> {
    await called(() =>
      this.ssm.send(
        new PutParameterCommand({
          Name: targetName(target.environment, target.service),
          Value: JSON.stringify(target),
          Type: 'String',
          Overwrite: true,
          Description: 'Where Conveyor has provisioned this service',
        }),
      ),
    );
  }

  async withdraw(environment: EnvironmentName, service: ServiceName): Promise<void> {
    await called(async () => {
      try {
        await this.ssm.send(new DeleteParameterCommand({ Name: targetName(environment, service) }));
      } catch (error) {
        if (!isNamed(error, 'ParameterNotFound')) throw error;
      }
    });
  }

  async find(environment: EnvironmentName, service: ServiceName) {
    const name = targetName(environment, service);
    const text = await this.#read(name);
    if (text === undefined) return undefined;
    const parsed = PublishedTarget.safeParse(parseJson(text));
    if (parsed.success) return parsed.data;
    throw new InvalidInput(`${name} is not what provisioning publishes`, {
      data: { name },
      fix: `Delete the parameter ${name}, then run: conveyor provision ${service} ${environment}`,
    });
  }

  async #read(name: string): Promise<string | undefined> {
    return called(async () => {
      try {
        const { Parameter } = await this.ssm.send(
          new GetParameterCommand({ Name: name, WithDecryption: true }),
        );
        return Parameter?.Value;
      } catch (error) {
        if (isNamed(error, 'ParameterNotFound')) return undefined;
        throw error;
      }
    });
  }
}

async function called<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw asConveyorError(error);
  }
}

const isNamed = (error: unknown, name: string) => error instanceof Error && error.name === name;

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
