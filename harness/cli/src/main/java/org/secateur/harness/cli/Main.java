package org.secateur.harness.cli;

/** Starts the command line. */
public final class Main {

    private Main() {}

    /** Prints the version. */
    public static void main(String[] args) {
        String version = Main.class.getPackage().getImplementationVersion();
        System.out.println("secateur " + (version == null ? "(not packaged)" : version));
    }
}
