package org.secateur.profilers.core.energy;

/** Ends a window without a number; never leaves this package. */
final class WindowException extends Exception {
    private static final long serialVersionUID = 1L;

    private final EnergyFault fault;

    /** A fault with what was seen of it. */
    WindowException(EnergyFault fault, String seen) {
        super(fault.text() + ": " + seen);
        this.fault = fault;
    }

    EnergyFault fault() {
        return fault;
    }

    /** The fault's name and what was seen. */
    String reason() {
        return String.valueOf(getMessage());
    }
}
