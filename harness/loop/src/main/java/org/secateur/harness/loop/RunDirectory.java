package org.secateur.harness.loop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.secateur.results.core.SecateurException;

/**
 * The directory of one run, {@code <root>/<command>-<network>-<data>-<hash>[-N]}, locked while a process works in it.
 * The same run continues an unfinished directory; a finished one opens the next number.
 */
public final class RunDirectory implements AutoCloseable {
    private static final String FINISHED = "finished";
    private static final String LOCK = "lock";

    private final Path path;
    private final boolean continued;
    private final FileChannel channel;

    private RunDirectory(Path path, boolean continued, FileChannel channel) {
        this.path = path;
        this.continued = continued;
        this.channel = channel;
    }

    /**
     * Opens the directory that the name leads to.
     *
     * @param root where runs lie, for example {@code runs}
     * @param name command, network, data and hash
     * @param fresh never continue: always take a directory that does not exist yet
     * @throws SecateurException when it cannot be written, or another process works in it
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
                FileChannel channel = lock(path);
                if (Files.exists(path.resolve(FINISHED))) {
                    channel.close();
                    continue;
                }
                return new RunDirectory(path, exists, channel);
            } catch (IOException e) {
                throw new SecateurException(
                        org.secateur.results.core.ExitCode.ENVIRONMENT,
                        "the run directory cannot be written",
                        path.toString(),
                        "make it writable or run from another directory",
                        e);
            }
        }
    }

    @SuppressWarnings("resource") // the lock lives as long as the channel that is returned
    private static FileChannel lock(Path path) throws IOException {
        FileChannel channel = FileChannel.open(
                path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock lock;
        try {
            lock = channel.tryLock(Long.MAX_VALUE - 1, 1, false);
        } catch (OverlappingFileLockException e) {
            lock = null;
        }
        if (lock == null) {
            String holder =
                    Files.readString(path.resolve(LOCK), StandardCharsets.UTF_8).strip();
            channel.close();
            throw SecateurException.environment(
                    "another process works in this run: " + holder, path.toString(), "wait for it or use --fresh");
        }
        channel.truncate(0);
        channel.write(
                ByteBuffer.wrap(("process " + ProcessHandle.current().pid()).getBytes(StandardCharsets.UTF_8)), 0);
        return channel;
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
                    org.secateur.results.core.ExitCode.ENVIRONMENT,
                    "the run could not be marked as finished",
                    path.toString(),
                    "check the disk; its results are complete",
                    e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("closing the lock of " + path, e);
        }
    }
}
