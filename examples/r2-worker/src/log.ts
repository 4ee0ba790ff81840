/** One line of JSON, where Workers Logs finds its fields. */
export function log(what: string, facts: Readonly<Record<string, unknown>>): void {
  // biome-ignore lint/suspicious/noConsole: a Worker's log is its console
  console.log(JSON.stringify({ what, ...facts }));
}
