package org.secateur.harness.cli.bundle;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import org.secateur.results.core.SecateurException;

/** A Java runtime with only the modules that the program uses, linked by the JDK that it runs on. */
public final class JavaRuntime {
    /** The modules that the bundled jars use: a test compares them with what {@code jdeps} finds. */
    public static final List<String> MODULES = List.of(
            "java.base", "java.desktop", "java.logging", "java.management", "java.sql", "java.xml", "jdk.unsupported");

    /** Libraries of java.desktop that no decoder of images needs: displays, fonts and sound. */
    private static final List<String> LEFT_OUT =
            List.of("awt_xawt", "fontmanager", "freetype", "jawt", "jsound", "splashscreen");

    private JavaRuntime() {}

    /**
     * Links a runtime: from the JDK's packaged modules where it has them, else from its own image (JEP 493).
     *
     * @param jlink the JDK's tool; empty where there is none
     * @param directory where the runtime is to lie; must not exist
     * @throws SecateurException with exit code 3 when this JDK cannot link one
     */
    public static void link(Optional<ToolProvider> jlink, Path directory) {
        StringWriter told = new StringWriter();
        PrintWriter output = new PrintWriter(told);
        // Not compressed: the archive is, as a whole.
        int exit = jlink.orElseThrow(() -> cannot("it has no jlink"))
                .run(
                        output,
                        output,
                        "--add-modules",
                        String.join(",", MODULES),
                        "--output",
                        directory.toString(),
                        "--compress",
                        "zip-0",
                        "--exclude-files",
                        LEFT_OUT.stream()
                                .map(library -> "**/lib" + library + ".so")
                                .collect(Collectors.joining(",")),
                        "--no-header-files",
                        "--no-man-pages");
        if (exit != 0) {
            output.flush();
            throw cannot(told.toString()
                    .lines()
                    .filter(line -> !line.isBlank())
                    .findFirst()
                    .map(line -> line.replaceFirst("^Error: ", ""))
                    .orElse("jlink left with " + exit));
        }
    }

    private static SecateurException cannot(String reason) {
        return SecateurException.environment(
                "this Java cannot link a runtime for a bundle: " + reason,
                "Java " + Runtime.version() + " in " + System.getProperty("java.home"),
                "use an unchanged JDK, 21 or newer, that has a jmods folder or links from its own image, for example"
                        + " Eclipse Temurin");
    }
}
