#include "agent/door.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/socket.h"

static enum fr_status door_bind(struct fr_door *door, const char *home, const char *name,
				struct fr_error *err)
{
	struct fr_socket_address address;
	enum fr_status status = fr_socket_address_init(&address, home, name, err);

	if (status != FR_OK)
		return status;
	(void)unlink(door->path); /* when it cannot be, bind says so */
	if (bind(door->fd, fr_socket_name(&address), fr_socket_name_length()) != 0 ||
	    chmod(door->path, 0600) != 0)
		status = fr_fail_system(err, FR_IO, errno, "cannot make %s", door->path);
	fr_socket_address_fini(&address);
	return status;
}

enum fr_status fr_door_open(struct fr_door *door, const char *home, const char *name, int type,
			    struct fr_error *err)
{
	enum fr_status status = fr_path_join(door->path, home, name, err);

	door->fd = -1;
	if (status == FR_OK)
		status = fr_socket_open(type, &door->fd, err);
	if (status == FR_OK)
		status = door_bind(door, home, name, err);
	if (status != FR_OK && door->fd >= 0)
		(void)close(door->fd);
	return status;
}

void fr_door_close(struct fr_door *door)
{
	(void)unlink(door->path);
	if (door->fd >= 0)
		(void)close(door->fd);
	door->fd = -1;
}
