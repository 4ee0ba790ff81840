/** Where this version's documentation is published; runbook links in notices and alarms lead there. */
export const DOCS = new URL('https://conveyor.dev/docs/');
