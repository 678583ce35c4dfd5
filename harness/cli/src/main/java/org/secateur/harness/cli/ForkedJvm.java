package org.secateur.harness.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/** A JVM of its own for one measurement, with this one's arguments, class path and environment, as JMH's forks have. */
final class ForkedJvm {
    private ForkedJvm() {}

    /**
     * The lines that a class's {@code main} prints; what it says on standard error goes where this process's does.
     *
     * @param what measures, for the message
     * @param options of the JVM beside this one's, which they override
     * @param environment variables beside this process's, which they override
     * @param arguments the last of which is what is measured
     * @throws SecateurException when that JVM fails or prints nothing
     */
    static List<String> lines(
            String what, Class<?> main, List<String> options, Map<String, String> environment, List<String> arguments) {
        String on = arguments.get(arguments.size() - 1);
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home", ""), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path", ""), main.getName()));
        command.addAll(arguments);
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
            builder.environment().putAll(environment);
            Process process = builder.start();
            try (BufferedReader reader = process.inputReader()) {
                List<String> lines = reader.lines().toList();
                int exit = process.waitFor();
                if (exit == 0 && !lines.isEmpty()) {
                    return lines;
                }
                throw failure(what, on, new IOException("it ended with exit code " + exit));
            } finally {
                process.destroyForcibly(); // where this thread was interrupted
            }
        } catch (IOException e) {
            throw failure(what, on, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure(what, on, e);
        }
    }

    private static SecateurException failure(String what, String on, Exception cause) {
        return new SecateurException(
                ExitCode.FAILED,
                what + " failed in a JVM of its own: " + cause.getMessage(),
                on,
                "see above what it printed",
                cause);
    }
}
