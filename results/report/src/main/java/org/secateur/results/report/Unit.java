package org.secateur.results.report;

/** The unit of a reported number. */
public enum Unit {
    SECONDS("s"),
    JOULES("J"),
    /** Shown in per cent. */
    FRACTION("%"),
    /** A number of things, such as parameters. */
    COUNT(""),
    /** A quotient of two numbers of one unit. */
    RATIO("");

    private final String symbol;

    Unit(String symbol) {
        this.symbol = symbol;
    }

    String symbol() {
        return symbol;
    }
}
