package org.secateur.results.core;

/**
 * The state of the caches before a launch: HOT reuses one set of buffers, COLD rotates through sets
 * that together exceed the last-level cache.
 */
public enum Regime {
    HOT,
    COLD
}
