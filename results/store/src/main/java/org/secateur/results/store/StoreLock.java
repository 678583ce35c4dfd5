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
import org.jspecify.annotations.Nullable;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/**
 * The advisory lock beside a store, held by the process that measures into it and holding that process's id and
 * command as text. The kernel frees it when the process ends in whatever way; the file stays.
 */
final class StoreLock implements AutoCloseable {
    /**
     * The files that this process holds. It is static because the lock is the process's: on POSIX systems, closing any
     * other channel of the same file in this process would free it, so that a second attempt here must not open one.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel channel;

    private StoreLock(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    static StoreLock acquire(Path store, String command) {
        try {
            Path real = store.toRealPath();
            Path path = real.resolveSibling(real.getFileName() + ".lock");
            if (!HELD.add(path)) {
                throw held(store, ProcessHandle.current().pid() + " (this one)");
            }
            StoreLock lock = null;
            try {
                lock = open(store, path, command);
            } finally {
                if (lock == null) {
                    HELD.remove(path);
                }
            }
            return lock;
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.ENVIRONMENT,
                    "the store's lock file cannot be written",
                    store + ".lock",
                    "make the file and its directory writable, or name another store with --store FILE",
                    e);
        }
    }

    private static StoreLock open(Path store, Path path, String command) throws IOException {
        FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean mine = false;
        try {
            @Nullable FileLock lock = channel.tryLock();
            if (lock == null) {
                throw held(store, holder(channel));
            }
            channel.truncate(0);
            String text = ProcessHandle.current().pid() + " (" + command + ")";
            channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
            mine = true;
            return new StoreLock(path, channel);
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

    private static SecateurException held(Path store, String holder) {
        return SecateurException.environment(
                "process " + holder + " is measuring into the store",
                store.toString(),
                "wait until it has finished, or name another with --store FILE");
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.ENVIRONMENT, "the store's lock cannot be freed", path.toString(), "check the disk", e);
        } finally {
            HELD.remove(path);
        }
    }
}
