import * as z from 'zod';

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
export const ParameterName = z
  .string()
  .max(1_011)
  .regex(
    /^(?:\/[A-Za-z0-9_.-]+){1,15}$/,
    'a parameter is named by its whole path, like /wardnet/prod/orders/database',
  );

/** Any text that an argument or a variable of a Linux process can be. */
export const Text = z
  .string()
  .max(4_096)
  .refine(
    (text) => !text.includes('\0') && !/\p{Cs}/u.test(text),
    'a value is text without NUL or half characters',
  );

/** What is started, relative to `current`. */
export const Command = z
  .string()
  .max(200)
  .regex(
    /^(?!.*\.\.)[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/,
    'a command is a path inside the release, like bin/start',
  );

export const Port = z.int().min(1).max(65_535);

/** A unit's name without specifiers, instances or escapes (`systemd.unit(5)`). */
const UnitName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,200}\.(service|socket|target|mount)$/,
    'a unit is named like postgresql.service',
  );

/** One line of printable text: a line break would begin a setting of its own, a backslash could join two lines. */
const Line = z
  .string()
  .min(1)
  .max(120)
  .regex(
    /^[^\p{Cc}\p{Cs}\u2028\u2029\\]+$/u,
    'a description is one line without control characters or backslashes',
  );

/** What a service may ask of its unit; everything else is the same for all of them. */
export const UnitOptions = z.strictObject({
  /** @default the service's and the environment's name */
  description: Line.optional(),
  /** Units that start before this one, if they are on the host. */
  after: z.array(UnitName).max(10).default([]),
  /** `MemoryMax=`, like 512M. @default no limit */
  memoryMax: z
    .string()
    .regex(/^[1-9]\d{0,8}[KMG]$/, 'memory is written like 512M')
    .optional(),
  /** `LimitNOFILE=`. */
  openFiles: z.int().min(64).max(1_048_576).default(65_536),
  /** Seconds from SIGTERM to SIGKILL. */
  stopSeconds: z.int().min(1).max(600).default(30),
});
export type UnitOptions = z.infer<typeof UnitOptions>;

/**
 * CloudFormation resolves `{{resolve:…}}` in what a template says, also within a text ("Dynamic references"), and would put
 * a secret in place of its name; Parameter Store refuses `{{` altogether.
 */
const DeclaredText = Text.refine((text) => !text.includes('{{'), 'a value has no {{');

/** The same as a parameter's name; `{environment}` and `{service}` are filled in. */
const DeclaredParameter = z
  .string()
  .max(1_000)
  .regex(
    /^(?:\/(?:[A-Za-z0-9_.-]|\{environment\}|\{service\})+){1,15}$/,
    'a parameter is named by its whole path, like /wardnet/{environment}/orders/database',
  );

/** What a service's hosts are to have, as `conveyor.yaml` says it. */
export const ProvisionDeclaration = z
  .strictObject({
    command: Command.default('bin/start'),
    arguments: z.array(DeclaredText).max(50).default([]),
    /** In the service's environment as PORT. */
    port: Port.optional(),
    /** Settings that are no secret; `{environment}` and `{service}` are filled in. */
    variables: z.record(VariableName, DeclaredText).default({}),
    /** Variable → SSM parameter of the environment's account, whose value the service gets when it starts. */
    secrets: z.record(VariableName, DeclaredParameter).default({}),
    /** Secrets are fetched with a credential of the service's own, not by the instance's role. */
    credential: z.boolean().default(false),
    /** Whether provisioning restarts a service whose unit it has changed; otherwise its next start takes the change up. */
    restart: z.boolean().default(false),
    unit: UnitOptions.prefault({}),
  })
  .refine(
    ({ variables, secrets }) =>
      Object.keys(secrets).every((name) => !Object.hasOwn(variables, name)),
    { message: 'a variable is a setting or a secret, not both', path: ['secrets'] },
  );
export type ProvisionDeclaration = z.infer<typeof ProvisionDeclaration>;

/**
 * `absent`: what provisioning put on the hosts goes; data and user stay. `elsewhere`: a `ServiceHost` of an application of
 * one's own declares it. Left out, hosts are somebody else's matter.
 */
export const Provision = z.union([z.enum(['absent', 'elsewhere']), ProvisionDeclaration]);
