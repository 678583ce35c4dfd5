package org.secateur.results.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/**
 * The advisory lock on a file, held by one process and holding that process's id and what it does as text. The kernel
 * frees it when the process ends in whatever way; the file stays. May be taken and freed by any thread.
 */
public final class ProcessLock implements AutoCloseable {
    /**
     * The files that this process holds. It is static because the lock is the process's: on POSIX systems, closing any
     * other channel of the same file in this process would free it, so that a second attempt here must not open one.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel channel;

    private ProcessLock(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Takes the lock; the caller closes it.
     *
     * @param file the lock file, created where it is not; its directory exists
     * @param command what this process does, for others to read
     * @param taken what to throw when the lock is held, from the holder's process id and command
     * @throws IOException when the file cannot be written
     */
    public static ProcessLock acquire(Path file, String command, Function<String, SecateurException> taken)
            throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        Path path =
                directory == null ? file.toRealPath() : directory.toRealPath().resolve(file.getFileName());
        if (!HELD.add(path)) {
            throw taken.apply(ProcessHandle.current().pid() + " (this one)");
        }
        ProcessLock lock = null;
        try {
            lock = open(path, command, taken);
        } finally {
            if (lock == null) {
                HELD.remove(path);
            }
        }
        return lock;
    }

    private static ProcessLock open(Path path, String command, Function<String, SecateurException> taken)
            throws IOException {
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean mine = false;
        try {
            @Nullable FileLock lock = channel.tryLock();
            if (lock == null) {
                throw taken.apply(holder(channel));
            }
            channel.truncate(0);
            String text = ProcessHandle.current().pid() + " (" + command + ")";
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
            mine = true;
            return new ProcessLock(path, channel);
        } finally {
            if (!mine) {
                channel.close();
            }
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer text = ByteBuffer.allocate(4096);
        channel.read(text, 0);
        String holder = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8);
        return holder.isEmpty() ? "that has just taken it" : holder;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.ENVIRONMENT, "the lock cannot be freed", path.toString(), "check the disk", e);
        } finally {
            HELD.remove(path);
        }
    }
}
