package org.secateur.harness.loop;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;
import org.secateur.results.store.ProcessLock;

/**
 * The directory of one run, {@code <root>/<command>-<network>-<data>-<hash>[-N]}, locked while a process works in it.
 * The same run continues an unfinished directory; a finished one opens the next number.
 */
public final class RunDirectory implements AutoCloseable {
    private static final String FINISHED = "finished";
    private static final String LOCK = "lock";

    private final Path path;
    private final boolean continued;
    private final ProcessLock lock;

    private RunDirectory(Path path, boolean continued, ProcessLock lock) {
        this.path = path;
        this.continued = continued;
        this.lock = lock;
    }

    /**
     * Opens the directory that the name leads to.
     *
     * @param root where runs lie, for example {@code runs}
     * @param name command, network, data and hash
     * @param fresh never continue: always take a directory that does not exist yet
     * @throws SecateurException when it cannot be written, or is open already, in another process or in this one
     */
    public static RunDirectory open(Path root, String name, boolean fresh) {
        for (int number = 1; ; number++) {
            Path path = root.resolve(number == 1 ? name : name + "-" + number);
            boolean exists = Files.isDirectory(path);
            if (exists && (fresh || Files.exists(path.resolve(FINISHED)))) {
                continue;
            }
            try {
                Files.createDirectories(path);
                ProcessLock lock = ProcessLock.acquire(
                        path.resolve(LOCK),
                        name,
                        holder -> SecateurException.environment(
                                "process " + holder + " works in this run",
                                path.toString(),
                                "wait for it or use --fresh"));
                if (Files.exists(path.resolve(FINISHED))) {
                    lock.close();
                    continue;
                }
                return new RunDirectory(path, exists, lock);
            } catch (IOException e) {
                throw new SecateurException(
                        ExitCode.ENVIRONMENT,
                        "the run directory cannot be written",
                        path.toString(),
                        "make it writable or run from another directory",
                        e);
            }
        }
    }

    /** Whether a directory holds a run that was finished. */
    public static boolean isFinished(Path directory) {
        return Files.exists(directory.resolve(FINISHED));
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** Whether an unfinished run lies here already. */
    public boolean continued() {
        return continued;
    }

    /** A file in it. */
    public Path file(String name) {
        return path.resolve(name);
    }

    /** Marks the run as finished, so that the same command starts the next one. */
    public void finish() {
        try {
            Files.writeString(path.resolve(FINISHED), "");
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.ENVIRONMENT,
                    "the run could not be marked as finished",
                    path.toString(),
                    "check the disk; its results are complete",
                    e);
        }
    }

    @Override
    public void close() {
        lock.close();
    }
}
