// Looks at a run's report in a browser: node tests/Report/check.mjs report.html folder
// Fails if the page scrolls sideways, logs an error or a warning, or asks for anything but itself, and writes pictures of it into the folder: wide and narrow, light
// and dark. Needs Node.js and Chromium (CHROMIUM names another program); it speaks to the browser through two pipes and needs no package.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [report, out] = process.argv.slice(2);
if (!out) {
    console.error('usage: node check.mjs report.html folder');
    process.exit(2);
}

const page = pathToFileURL(realpathSync(report)).href;
mkdirSync(out, { recursive: true });
const profile = mkdtempSync(join(tmpdir(), 'minimind-report-'));
const browser = spawn(process.env.CHROMIUM ?? 'chromium', [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--hide-scrollbars', '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank',
], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
const ended = new Promise(resolve => browser.on('close', resolve));
// What is written to a browser that is not there shows as this, not by itself.
browser.stdio[3].on('error', () => { });
browser.on('error', error => stop(2, `the browser does not start: ${error.message}`));
browser.on('exit', code => stop(2, `the browser ended by itself (${code})`));
const late = setTimeout(() => stop(2, 'the browser does not answer'), 120_000);

let [lastId, waiting, faults, loaded, received, stopping] = [0, new Map(), [], () => { }, Buffer.alloc(0), false];

/** Sends the browser a command of its protocol and waits for the answer. */
function ask(method, params = {}, sessionId = undefined) {
    const id = ++lastId;
    browser.stdio[3].write(JSON.stringify({ id, method, params, sessionId }) + '\0');
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject, method }));
}

function hear({ id, method, params, result, error }) {
    if (id !== undefined) {
        if (!waiting.has(id))
            return;
        const { resolve, reject, method: asked } = waiting.get(id);
        waiting.delete(id);
        return error ? reject(new Error(`${asked}: ${error.message}`)) : resolve(result);
    }

    if (method === 'Page.loadEventFired')
        loaded();
    else if (method === 'Network.requestWillBeSent' && params.request.url !== page && !params.request.url.startsWith('data:'))
        faults.push(`asks for ${params.request.url}`);
    else if (method === 'Log.entryAdded' && ['error', 'warning'].includes(params.entry.level))
        faults.push(`logs: ${params.entry.text}`);
    else if (method === 'Runtime.consoleAPICalled')
        faults.push(`writes to the console: ${params.args.map(a => a.value ?? a.description).join(' ')}`);
    else if (method === 'Runtime.exceptionThrown')
        faults.push(`throws: ${params.exceptionDetails.exception?.description ?? params.exceptionDetails.text}`);
}

browser.stdio[4].on('data', data => {
    received = Buffer.concat([received, data]);
    for (let end; (end = received.indexOf(0)) >= 0; received = received.subarray(end + 1))
        hear(JSON.parse(received.subarray(0, end).toString('utf8')));
});

async function look(width, height, scheme) {
    const { targetId } = await ask('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await ask('Target.attachToTarget', { targetId, flatten: true });
    const tell = (method, params) => ask(method, params, sessionId);
    for (const domain of ['Page', 'Network', 'Log', 'Runtime'])
        await tell(`${domain}.enable`);
    await tell('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
    await tell('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: scheme }] });
    const load = new Promise(resolve => loaded = resolve);
    const { errorText } = await tell('Page.navigate', { url: page });
    if (errorText)
        throw new Error(`${page}: ${errorText}`);
    await load;
    const { result } = await tell('Runtime.evaluate', {
        returnByValue: true,
        expression: `({ width: document.documentElement.scrollWidth, inner: innerWidth, height: document.documentElement.scrollHeight, title: document.title, lang: document.documentElement.lang,
            text: Math.min(...[...document.querySelectorAll('svg text')].map(t => t.getBoundingClientRect().height)) })`,
    });
    const seen = result.value;
    if (seen.width > width || seen.inner > width)
        faults.push(`is ${Math.max(seen.width, seen.inner)} pixels wide on a screen of ${width}`);
    if (!seen.title || !seen.lang)
        faults.push('has no title or no language');
    if (seen.text < 10)
        faults.push(`has letters ${seen.text.toFixed(1)} pixels high in a chart on a screen of ${width}`);
    const { data } = await tell('Page.captureScreenshot', {
        format: 'png', captureBeyondViewport: true, clip: { x: 0, y: 0, width, height: Math.min(seen.height, 16_000), scale: 1 },
    });
    writeFileSync(join(out, `report-${width}-${scheme}.png`), Buffer.from(data, 'base64'));
    console.log(`${width} pixels, ${scheme}: ${seen.height} pixels high, letters of charts at least ${seen.text.toFixed(1)} high`);
    await ask('Target.closeTarget', { targetId });
}

async function stop(code, message) {
    if (stopping)
        return ended;
    stopping = true;
    clearTimeout(late);
    // Asked, it ends with all its processes, which a signal to the first may leave writing to the profile.
    const asked = setTimeout(() => browser.kill('SIGKILL'), 5_000);
    if (browser.pid)
        browser.stdio[3].write(JSON.stringify({ id: ++lastId, method: 'Browser.close' }) + '\0');
    await ended;
    clearTimeout(asked);
    try {
        rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    } catch (error) {
        console.error(error.message);
    }

    (code === 0 ? console.log : console.error)(message);
    process.exit(code);
}

try {
    for (const scheme of ['light', 'dark'])
        for (const [width, height] of [[1280, 900], [390, 844]])
            await look(width, height, scheme);
    if (faults.length > 0)
        await stop(1, [...new Set(faults)].map(f => `the page ${f}`).join('\n'));
    await stop(0, 'the report is in order');
} catch (error) {
    await stop(2, error.message);
}
