import { Document } from 'yaml';
import * as z from 'zod';
import { EnvironmentName, Region, ServiceName } from '../domain/names.ts';
import { hostPlaces } from './host-places.ts';

/**
 * Names that the shell, the loader or the bootstrap itself reads: one of these in the bootstrap's environment would act
 * before the service's user does. Bootstrap.sh refuses the same.
 */
const RESERVED =
  /^(?:PATH|IFS|ENV|HOME|USER|LOGNAME|SHELL|PWD|OLDPWD|PPID|UID|EUID|PORT|OPT(?:IND|ARG|ERR)|PS[0-9]|SHELLOPTS|BASH.*|LD_.*|GLIBC_.*|GCONV_PATH|LOCPATH|WARDNET_.*)$/;

/** The name of a variable in the service's environment. */
export const VariableName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,99}$/, 'a variable is named by capital letters, digits and underscores')
  .refine((name) => !RESERVED.test(name), 'that name is the host’s own; choose another');

/** `Name` of the SSM API, without a version or a label (AWS: at most 1,011 characters, 15 levels). */
const ParameterName = z
  .string()
  .max(1_011)
  .regex(
    /^(?:\/[A-Za-z0-9_.-]+){1,15}$/,
    'a parameter is named by its whole path, like /wardnet/prod/orders/database',
  );

/** Any text that an argument or a variable of a Linux process can be. */
const Text = z
  .string()
  .max(4_096)
  .refine(
    (text) => !text.includes('\0') && !/\p{Cs}/u.test(text),
    'a value is text without NUL or half characters',
  );

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
    command: z
      .string()
      .max(200)
      .regex(
        /^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/,
        'a command is a path inside the release, like bin/start',
      )
      .default('bin/start'),
    arguments: z.array(Text).max(50).default([]),
    /** In the service's environment as PORT. */
    port: z.int().min(1).max(65_535).optional(),
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
