package org.secateur.harness.cli;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What one phase of a GPU's check found: facts for the summary, and the raw samples that they rest on. */
final class GpuFindings {
    private final Map<String, Object> facts = new LinkedHashMap<>();
    private final Map<String, Object> samples = new LinkedHashMap<>();
    private boolean complete = true;

    /** Adds a fact: text, a number, a truth, a quantity, or a map or list of such. */
    GpuFindings put(String name, Object value) {
        facts.put(name, value);
        return this;
    }

    /** Adds raw samples, in SI units, with the unit in the name. */
    GpuFindings samples(String name, double[] values) {
        samples.put(name, values);
        return this;
    }

    /** Says that the time was up before all was done. */
    GpuFindings incomplete() {
        complete = false;
        return this;
    }

    boolean isComplete() {
        return complete;
    }

    Map<String, Object> facts() {
        return Collections.unmodifiableMap(facts);
    }

    Map<String, Object> samples() {
        return Collections.unmodifiableMap(samples);
    }
}
