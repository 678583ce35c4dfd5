package org.secateur.models.core.data;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/** Reads a data file whole, never allocating more than the file can hold. */
final class DataFile {
    /** Deflate's best possible ratio: no stream unpacks to more (zlib's documentation). */
    private static final long LARGEST_RATIO = 1032;
    /** The largest array that every Java virtual machine allows. */
    private static final long LARGEST_ARRAY = Integer.MAX_VALUE - 8L;

    private final Path path;

    DataFile(Path path) {
        this.path = path;
        if (!Files.isRegularFile(path)) {
            throw SecateurException.badInput(
                    Files.exists(path) ? "not a file" : "missing file",
                    path.toString(),
                    "name the folder that holds it");
        }
    }

    /** The stored size in bytes. */
    long size() {
        try {
            return Files.size(path);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** The whole content, as stored. */
    byte[] content() {
        if (size() > LARGEST_ARRAY) {
            throw damaged("file too large: expected at most " + LARGEST_ARRAY + " bytes, found " + size());
        }
        try {
            return Files.readAllBytes(path);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** Opens the content, unpacked if the name ends in {@code .gz}. The caller closes it. */
    InputStream open() {
        try {
            InputStream stored = Files.newInputStream(path);
            if (!packed()) {
                return stored;
            }
            try {
                return new GZIPInputStream(stored, 1 << 16);
            } catch (IOException e) {
                stored.close();
                throw e;
            }
        } catch (ZipException | EOFException e) {
            throw damaged("not a gzip file", e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** Reads exactly {@code bytes} more; {@code total} is the size that the whole content should have. */
    byte[] read(InputStream in, long bytes, long total) {
        long most = packed() ? size() * LARGEST_RATIO : size();
        if (bytes > most || bytes > LARGEST_ARRAY) {
            throw truncated(total, packed() ? size() + " packed bytes" : size() + " bytes");
        }
        try {
            byte[] content = in.readNBytes((int) bytes);
            if (content.length < bytes) {
                throw truncated(total, (total - bytes + content.length) + " bytes");
            }
            return content;
        } catch (ZipException | EOFException e) {
            throw damaged(
                    "damaged or truncated gzip file: expected " + total + " unpacked bytes, found fewer in " + size()
                            + " packed bytes",
                    e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    /** Checks that nothing follows the {@code total} bytes read. */
    void expectEnd(InputStream in, long total) {
        try {
            if (in.read() >= 0) {
                throw damaged("file too long: expected " + total + " bytes, found more");
            }
        } catch (ZipException | EOFException e) {
            throw damaged("damaged or truncated gzip file of " + size() + " packed bytes", e);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    SecateurException truncated(long expected, String found) {
        return damaged("truncated file: expected " + expected + " bytes, found " + found);
    }

    SecateurException damaged(String what) {
        return SecateurException.badInput(what, path.toString(), "fetch the file again");
    }

    SecateurException damaged(String what, Exception cause) {
        return new SecateurException(ExitCode.BAD_INPUT, what, path.toString(), "fetch the file again", cause);
    }

    private SecateurException unreadable(IOException cause) {
        return new SecateurException(
                ExitCode.BAD_INPUT, "cannot read the file", path.toString(), "check its permissions and disk", cause);
    }

    private boolean packed() {
        return path.toString().endsWith(".gz");
    }
}
