// Pictures of every page, to look at: node tests/web/shots.mjs FOLDER [name…]
import path from 'node:path';
import { mkdirSync } from 'node:fs';
import { launch } from './browser.mjs';
import { names, open } from './site.mjs';

const [folder, ...only] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const site = await open(), browser = await launch();
for (const colorScheme of ['light', 'dark']) {
  for (const width of [360, 1280]) {
    const context = await browser.newContext({ viewport: { width, height: 760 }, colorScheme });
    const tab = await context.newPage();
    for (const name of only.length ? only : names) {
      await tab.goto(`${site.url}/${name}`);
      await tab.screenshot({ path: path.join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
    await context.close();
  }
}
await browser.close();
await site.close();
