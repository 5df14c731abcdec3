# cmake -DSOURCE=folder -DBUILD=folder -P release_build.cmake: builds what users install.

execute_process(COMMAND "${CMAKE_COMMAND}" --preset release -S "${SOURCE}" -B "${BUILD}"
	-DFLIGHTREC_WERROR=ON # some warnings need the optimiser
	WORKING_DIRECTORY "${SOURCE}" COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND "${CMAKE_COMMAND}" --build "${BUILD}"
	COMMAND_ERROR_IS_FATAL ANY)
