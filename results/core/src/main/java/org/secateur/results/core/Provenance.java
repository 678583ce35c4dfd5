package org.secateur.results.core;

/** Where a number comes from. Absent hardware is a provenance too, never a zero. */
public sealed interface Provenance {
    /** Read from the device by this tool. */
    record Measured() implements Provenance {}

    /** Computed from measured values only: an interpolation, a sum, power times time. */
    record Derived() implements Provenance {}

    /** Computed by the named model, or a sum of which one part is modelled. */
    record Modelled(String model) implements Provenance {}

    /** Not to be had here, for the reason given in one sentence. */
    record Unavailable(String reason) implements Provenance {}

    Provenance MEASURED = new Measured();
    Provenance DERIVED = new Derived();
}
