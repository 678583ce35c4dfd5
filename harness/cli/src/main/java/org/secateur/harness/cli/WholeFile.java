package org.secateur.harness.cli;

import java.io.IOException;
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

    /**
     * Writes the file, with its directories, by way of a temporary one beside it; an older one stays until the new one
     * is complete.
     *
     * @throws SecateurException with exit code 2 when the place cannot be written, and 3 when the disk fails or is full
     */
    static void write(Path file, Content content) {
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
                try (Writer out = Files.newBufferedWriter(temporary, StandardCharsets.UTF_8)) {
                    content.write(out);
                }
                Files.move(temporary, absolute, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
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
