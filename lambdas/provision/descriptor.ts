import { Document } from 'yaml';
import * as z from 'zod';
import { EnvironmentName, Region, ServiceName } from '../domain/names.ts';
import { Command, ParameterName, Port, Text, VariableName } from '../domain/provisioning.ts';
import { hostPlaces } from './host-places.ts';

/**
 * What the bootstrap of a service reads: who it is, what to start, and the *names* of its secrets. It holds no secret, so
 * that whoever may look at the host may read it.
 */
export const Descriptor = z
  .strictObject({
    schema: z.literal(1).default(1),
    service: ServiceName,
    environment: EnvironmentName,
    /** Where its parameters are. */
    region: Region,
    /** What is started, relative to `current`. */
    command: Command.default('bin/start'),
    arguments: z.array(Text).max(50).default([]),
    /** In the service's environment as PORT. */
    port: Port.optional(),
    /** Settings that are no secret. */
    variables: z.record(VariableName, Text).default({}),
    /** Variable → SSM parameter whose value it gets when the service starts. */
    secrets: z.record(VariableName, ParameterName).default({}),
  })
  .refine(
    ({ variables, secrets }) =>
      Object.keys(secrets).every((name) => !Object.hasOwn(variables, name)),
    { message: 'a variable is a setting or a secret, not both', path: ['secrets'] },
  );
export type Descriptor = z.infer<typeof Descriptor>;
/** What somebody declares; the rest has defaults. */
export type DescriptorInput = z.input<typeof Descriptor>;

/**
 * YAML of one kind only: plain keys, at most two levels, every text in double quotes as JSON writes it. So the bootstrap
 * needs no YAML library to read it, and refuses what somebody wrote by hand in any other way.
 */
export function renderDescriptor(descriptor: Descriptor): string {
  const { schema, service, environment, region, command, port, variables, secrets } = descriptor;
  const document = new Document({
    schema,
    service,
    environment,
    region,
    user: hostPlaces(service).user,
    command,
    arguments: descriptor.arguments,
    ...(port !== undefined && { port }),
    variables: sorted(variables),
    secrets: sorted(secrets),
  });
  document.commentBefore =
    ' Written by Conveyor; changes by hand do not last. There is no secret in it.';
  return document.toString({
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
    doubleQuotedAsJSON: true,
    lineWidth: 0,
    indentSeq: true,
  });
}

/** The same settings have the same bytes, in whatever order they were declared. */
const sorted = (record: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
