package org.secateur.profilers.core.probe;

import java.util.Map;
import java.util.OptionalDouble;

/** Something that reads the state of a device or host. Making one never throws: absent hardware is a status. */
public interface Probe {
    /** Its name in reports, for example {@code rapl}. */
    String id();

    /** Whether it can be read here. */
    Status status();

    /** How often the value behind it changes, in seconds, where known. */
    OptionalDouble periodSeconds();

    /** What one reading costs the reader, in seconds, where known. */
    OptionalDouble callSeconds();

    /** The smallest step of its readings, each with its SI unit in the name; what is unknown is absent. */
    default Map<String, Double> resolution() {
        return Map.of();
    }

    /** The present readings by name, each with its SI unit in the name; what is unknown is absent. */
    Map<String, Double> readings();

    /** What it found and does not change, as text by name. */
    default Map<String, String> facts() {
        return Map.of();
    }

    /** Whether a probe can be read. */
    sealed interface Status {
        /** It can. */
        record Available() implements Status {}

        /**
         * It cannot.
         *
         * @param reason why, in one sentence
         * @param fix what the user can do about it, in one line
         */
        record Unavailable(String reason, String fix) implements Status {}

        Status AVAILABLE = new Available();
    }
}
