/** A real browser for tests: the one that VIGIE_CHROMIUM names, else the one that npm brings for Linux x64. */
import { type Browser, chromium } from 'playwright-core'

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Why there is no browser here; undefined when there is one. */
export const browserMissing: string | undefined =
  process.env.VIGIE_CHROMIUM !== undefined || (process.platform === 'linux' && process.arch === 'x64')
    ? undefined
    : 'no browser comes through npm for this platform: name one in VIGIE_CHROMIUM'

async function executablePath(): Promise<string> {
  if (process.env.VIGIE_CHROMIUM !== undefined) return process.env.VIGIE_CHROMIUM
  // The package unpacks its own copies of the system libraries only when it believes to be in this runtime,
  // and it looks at the environment while it is imported.
  process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs22.x'
  process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs22.x'
  const { default: packaged } = await import('@sparticuz/chromium')
  return packaged.executablePath()
}

export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await executablePath(), args: ARGUMENTS, headless: true })
}
