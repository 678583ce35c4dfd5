package org.secateur.results.store;

import java.time.Instant;
import org.secateur.results.core.Fingerprint;

/**
 * One table of a store.
 *
 * @param rows how many keys it has
 * @param measurements how many measurements, older versions of rows included
 * @param newest when the newest was made
 */
public record TableSummary(String device, Fingerprint fingerprint, int rows, int measurements, Instant newest) {}
