const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/**
 * The commands that Conveyor proposes, in mails, pages and the CLI's last line. One table, so that a test can run
 * every one of them: a proposal that the CLI would refuse is worse than none.
 */
export const NEXT = {
  status: () => 'conveyor status',
  follow: (id: string) => `conveyor promote --attach ${id}`,
  promote: (service: string, environment: string) => `conveyor promote ${service} ${environment}`,
  push: (service: string, sha: string) => `conveyor push ${service} --sha ${sha}`,
  deploy: (service: string, environment: string, version: string) =>
    `conveyor deploy ${service} ${environment} ${COMMIT.test(version) ? '--sha' : '--version'} ${version}`,
  approve: (id: string) => `conveyor approve ${id}`,
  reject: (id: string) => `conveyor reject ${id} --note "why"`,
  rollback: (service: string, environment: string, to?: string) =>
    `conveyor rollback ${service} ${environment}${to === undefined ? '' : ` --to ${to}`}`,
  why: (what: string, environment: string) => `conveyor why ${what} ${environment}`,
  history: (service: string, environment?: string) =>
    environment === undefined
      ? `conveyor history ${service}`
      : `conveyor history ${service} ${environment}`,
  releases: (service: string) => `conveyor releases ${service}`,
  provision: (environment: string, how?: 'plan') =>
    `conveyor provision ${how === 'plan' ? '--plan ' : ''}${environment}`,
  validate: (file?: string) =>
    file === undefined ? 'conveyor validate' : `conveyor validate ${file}`,
  help: (verb?: string) => (verb === undefined ? 'conveyor --help' : `conveyor ${verb} --help`),
} as const;
