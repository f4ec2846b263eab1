/** The version of the server that this page was built for; written in by the build. */
declare const __APP_VERSION__: string
