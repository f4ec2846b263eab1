/** The page's address as state. */
import { parseRoute, type Route, routeHash } from './route.ts'

class Router {
  route = $state.raw<Route>(parseRoute(location.hash))

  constructor() {
    window.addEventListener('hashchange', () => {
      this.route = parseRoute(location.hash)
    })
  }

  go(route: Route): void {
    location.hash = routeHash(route)
  }

  /** Changes the address without leaving the old one in the history: for a secret that must not stay there. */
  replace(route: Route): void {
    history.replaceState(null, '', routeHash(route))
    this.route = route
  }

  /** As `replace`, but the page that is shown stays as it is: it has just been given this address. */
  replaceQuietly(route: Route): void {
    history.replaceState(null, '', routeHash(route))
  }
}

export const router = new Router()
