// Means with 95% intervals, for whatever a filter leaves. The run's own figures come from Python, with it.

const Z = 1.959964;

// Of values grouped by task. One value a task, all 0 or 1: Wilson (1927), eq. 2. Otherwise Wilson's with the number of
// values that the spread between tasks is worth, and for values that are not 0 or 1 the normal interval by task.
function meanOf(values, tasks) {
  const n = values.length;
  if (!n) return { n: 0, mean: NaN, low: NaN, high: NaN };
  const sums = new Map();
  let total = 0;
  let binary = true;
  for (let i = 0; i < n; i++) {
    total += values[i];
    binary = binary && (values[i] === 0 || values[i] === 1);
    const held = sums.get(tasks[i]);
    if (held) { held.sum += values[i]; held.n += 1; } else sums.set(tasks[i], { sum: values[i], n: 1 });
  }
  const mean = total / n;
  let between = 0;
  for (const { sum, n: size } of sums.values()) between += (sum - size * mean) ** 2;
  const groups = sums.size;
  const variance = groups > 1 ? (between / n ** 2) * (groups / (groups - 1)) : NaN;
  if (binary) return { n, mean, ...wilson(mean, groups === n ? n : effective(mean, variance, n, groups)) };
  const half = Z * Math.sqrt(variance);
  return { n, mean, low: mean - half, high: mean + half };
}

// As many independent values as would spread like this; never fewer than tasks, unless the spread says nothing.
function effective(mean, variance, n, groups) {
  const spread = mean * (1 - mean);
  return spread > 0 && variance > 0 ? Math.min(n, spread / variance) : groups;
}

function wilson(mean, n) {
  const middle = (mean + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt((mean * (1 - mean)) / n + Z ** 2 / (4 * n ** 2));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

function quantile(sorted, share) {
  if (!sorted.length) return NaN;
  const place = (sorted.length - 1) * share;
  const low = Math.floor(place);
  const high = Math.ceil(place);
  return sorted[low] + (sorted[high] - sorted[low]) * (place - low);
}
