package org.secateur.harness.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;

/** A file that is there completely or not at all. */
final class WholeFile {
    private WholeFile() {}

    /** Writes text. */
    interface Content {
        void write(Writer out) throws IOException;
    }

    /** Writes bytes. */
    interface Bytes {
        void write(OutputStream out) throws IOException;
    }

    /** What is done with a temporary file beside the one that it is to become. */
    private interface Step {
        void take(Path temporary, Path file) throws IOException;
    }

    /**
     * Writes the file, with its directories, by way of a temporary one beside it; an older one stays until the new one
     * is complete.
     *
     * @throws SecateurException with exit code 2 when the place cannot be written, and 3 when the disk fails or is full
     */
    static void write(Path file, Content content) {
        beside(file, (temporary, target) -> {
            try (Writer out = Files.newBufferedWriter(temporary, StandardCharsets.UTF_8)) {
                content.write(out);
            }
            replace(temporary, target);
        });
    }

    /** Writes a file of bytes, as {@link #write} would one of text. */
    static void writeBytes(Path file, Bytes content) {
        beside(file, (temporary, target) -> {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary), 1 << 16)) {
                content.write(out);
            }
            replace(temporary, target);
        });
    }

    /** Copies a complete file from elsewhere, as {@link #write} would write it. */
    static void copy(Path complete, Path file) {
        beside(file, (temporary, target) -> {
            Files.copy(complete, temporary, StandardCopyOption.REPLACE_EXISTING);
            replace(temporary, target);
        });
    }

    /** Fails before long work where {@link #write} would fail after it. */
    static void check(Path file) {
        beside(file, (temporary, target) -> Files.write(temporary, new byte[0]));
    }

    private static void replace(Path temporary, Path file) throws IOException {
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void beside(Path file, Step step) {
        Path absolute = file.toAbsolutePath().normalize();
        Path directory = absolute.getParent();
        if (directory == null || Files.isDirectory(absolute)) {
            throw SecateurException.badInput("this is a directory", file.toString(), "name a file");
        }
        try {
            Files.createDirectories(directory);
            // Not createTempFile, whose files only their owner may read.
            Path temporary = directory.resolve(
                    "." + absolute.getFileName() + "." + ProcessHandle.current().pid() + ".part");
            try {
                step.take(temporary, absolute);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (AccessDeniedException | FileAlreadyExistsException | NoSuchFileException | NotDirectoryException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT, "the file cannot be written", file.toString(), "name another place", e);
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.ENVIRONMENT,
                    "the disk failed or is full: " + e.getMessage(),
                    file.toString(),
                    "free space, or name another place",
                    e);
        }
    }
}
