import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

export const sizes = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
]

/** Nothing serious in either theme, on a desk and on a phone. */
export async function expectUsable(page: Page, name: string) {
  for (const theme of ['light', 'dark'] as const) {
    for (const size of sizes) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
      await page.setViewportSize(size)
      const { violations } = await new AxeBuilder({ page }).analyze()
      const grave = violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join('\n')}`)
      expect.soft(grave, `${name}, ${theme}, ${size.width} px`).toEqual([])
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect.soft(overflow, `${name} is wider than ${size.width} px`).toBeLessThanOrEqual(0)
      // For whoever wants to look: NITRO_E2E_PICTURES=<folder>.
      const folder = process.env['NITRO_E2E_PICTURES']
      if (folder)
        await page.screenshot({ path: `${folder}/${name.replaceAll(/\W+/g, '-')}-${theme}-${size.width}.png` })
    }
  }
  await page.setViewportSize(sizes[0]!)
}
