/** The content of infra/documents/bootstrap.sh, put in where the function is bundled (infra/support/bundle.ts). */
declare const BOOTSTRAP_SH: string;

export const bootstrap = BOOTSTRAP_SH;
