package org.secateur.harness.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.secateur.profilers.core.DeviceProvider;
import org.secateur.profilers.core.host.ProcessEnd;
import org.secateur.profilers.core.sampler.Surroundings;
import org.secateur.results.core.ExitCode;

/** The program's entry: one command, one exit code. */
public final class Main {
    private Main() {}

    /** Runs the command given by the arguments and leaves with its exit code. */
    public static void main(String[] args) {
        int exit = run(Optional.empty(), args);
        if (args.length > 0 && args[0].equals(GpuCheckCommand.NAME)) {
            ProcessEnd.now(exit); // a driver that hangs at its end must not hold what has a limit
        }
        System.exit(exit);
    }

    /** Runs a command on the standard streams; its exit code. */
    static int run(Optional<Own> own, String... args) {
        StandardOutput output = new StandardOutput(new FileOutputStream(FileDescriptor.out));
        PrintWriter out = new PrintWriter(output, false, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        Session session = new Session(
                new Console(out, err, standardErrorIsTerminal()),
                System.getenv(),
                DeviceProvider::openDevice,
                Surroundings.host(),
                own);
        int exit = CommandLineInterface.run(session, args);
        out.flush();
        if (output.failure().isPresent()) {
            session.console()
                    .note("secateur: standard output cannot be written: "
                            + output.failure().get());
            exit = exit == 0 ? ExitCode.ENVIRONMENT.code() : exit;
        }
        return exit;
    }

    /** Asks Linux, since {@link System#console()} looks at the other two streams, and differs between JDKs. */
    private static boolean standardErrorIsTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
