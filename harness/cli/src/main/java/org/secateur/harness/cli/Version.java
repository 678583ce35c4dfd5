package org.secateur.harness.cli;

/** The tool's version and the commit it was built from. */
final class Version {
    private Version() {}

    /** For example {@code 0.1.0-SNAPSHOT}; {@code development} outside a jar. */
    static String version() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /** The commit as the launcher found it, else {@code unknown}. */
    static String commit() {
        return System.getProperty("secateur.commit", "unknown");
    }
}
