package org.secateur.results.store;

/**
 * Something that happened in a run, for its report: an epoch, a reconfiguration, a measured step.
 *
 * @param sequence its place in the run, from 1
 * @param kind for example {@code epoch}
 * @param json a JSON object
 */
public record RunEvent(long sequence, String kind, String json) {}
