/** More than any test or bench asks for; what the limits do has tests of its own. */
const generous = { perHour: 1_000_000, atOnce: 10_000 }

export const generousLimits = {
  free: generous,
  pro: generous,
  enterprise: generous,
  person: generous,
  workspace: generous,
}

/** The same in the words of NITRO_RATE_LIMITS. */
export const generousSetting = [
  ...Object.entries(generousLimits).map(([name, { perHour, atOnce }]) => `${name}=${perHour}/${atOnce}`),
  `refusals=${generous.perHour}`,
].join(',')
